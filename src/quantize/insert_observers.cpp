//   v   ==>  v, observe(v) {index}      for every value of the observation plan
// An observer is a reader, so that no later fusion swallows the value it looks at. Exact.
#include <algorithm>

#include "passes/pass.h"
#include "quantize/observation.h"

namespace xpuq {

Result<Change> insert_observers(Graph& graph, const PassContext&) {
  const bool already = std::any_of(graph.order().begin(), graph.order().end(), [&](NodeId n) { return graph.node(n).op == OpKind::observe; });
  if (already) return Change::none;
  const ObservationPlan plan = plan_observation(graph);
  Rewriter rw(graph);
  const auto order = graph.order();
  for (std::size_t i = 0; i < plan.values.size(); ++i) {
    const NodeId producer = graph.value(plan.values[i]).producer;
    const auto it = std::find(order.begin(), order.end(), producer);
    // Right after the producer; right at the start for a model input.
    NodeId next = NodeId::none;
    if (it == order.end()) next = order.empty() ? NodeId::none : order.front();
    else if (it + 1 != order.end()) next = *(it + 1);
    rw.insert_before(next, OpKind::observe, {plan.values[i]}, {{"index", static_cast<std::int64_t>(i)}}, "", {});
  }
  return rw.commit();
}

}  // namespace xpuq
