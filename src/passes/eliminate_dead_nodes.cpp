//   a node none of whose outputs is read   ==>  nothing
// One walk from the back removes whole dead chains. `observe` has no outputs and is never dead. Exact.
#include <algorithm>

#include "passes/match.h"
#include "passes/pass.h"

namespace xpuq {

Result<Change> eliminate_dead_nodes(Graph& graph, const PassContext&) {
  Rewriter rw(graph);
  const std::vector<NodeId> order(graph.order().begin(), graph.order().end());
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    const Node& node = graph.node(*it);
    const bool dead = !node.outputs.empty() &&
                      std::all_of(node.outputs.begin(), node.outputs.end(), [&](ValueId v) { return readers(graph, v) == 0; });
    if (dead) rw.erase(*it);
  }
  return rw.commit();
}

}  // namespace xpuq
