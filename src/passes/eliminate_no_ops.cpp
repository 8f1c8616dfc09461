//   dropout(x), concat(x)  ==>  x
// Exact in inference. It runs behind the quantizer's decisions: in the reference a dropout is a float operation, so
// patterns do not reach across it and pools, concat and flatten behind it stay float; a concat of one (DenseNet has
// them) carries int8 and shares its observer as any other (pt2e-semantics 3.4, 3.5).
#include "passes/match.h"
#include "passes/pass.h"

namespace xpuq {

Result<Change> eliminate_no_ops(Graph& graph, const PassContext&) {
  Rewriter rw(graph);
  const std::vector<NodeId> order(graph.order().begin(), graph.order().end());
  for (NodeId n : order) {
    if (!is_no_op(graph.node(n).op, graph.node(n).inputs.size())) continue;
    const ValueId in = graph.node(n).inputs[0];
    const ValueId out = graph.node(n).outputs[0];
    if (graph.is_output(out)) {
      // A model output keeps its name: the value takes it over, or is copied where it has a name to keep itself.
      if (graph.value(in).is_input() || graph.value(in).is_constant() || graph.is_output(in)) {
        const ValueId copy = rw.insert_before(n, OpKind::reshape, {in}, {{"shape", graph.value(in).type.shape}},
                                              graph.value(out).name, graph.node(n).origin);
        rw.replace_all_uses(out, copy);
        rw.take_name(copy, out);
      } else {
        rw.replace_all_uses(out, in);
        rw.take_name(in, out);
      }
    } else {
      rw.replace_all_uses(out, in);
    }
    rw.erase(n);
  }
  return rw.commit();
}

}  // namespace xpuq
