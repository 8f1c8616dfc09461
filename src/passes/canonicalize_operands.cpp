//   add(const, x), mul(const, x)  ==>  add(x, const), mul(x, const)
//   binary(x, const of one element)  ==>  binary(x, scalar)      when the rank of the result stays
// so that later rewrites and the graph hash see one form. Numeric promise: exact.
#include "passes/match.h"
#include "passes/pass.h"

namespace xpuq {

Result<Change> canonicalize_operands(Graph& graph, const PassContext&) {
  Rewriter rw(graph);
  const std::vector<NodeId> order(graph.order().begin(), graph.order().end());
  for (NodeId n : order) {
    const Node& node = graph.node(n);
    if (!is_binary(node.op) || node.op == OpKind::prelu) continue;
    const bool commutes = node.op == OpKind::add || node.op == OpKind::mul || node.op == OpKind::maximum || node.op == OpKind::minimum;
    if (commutes && graph.input_of(n, 0).is_constant() && !graph.input_of(n, 1).is_constant()) {
      const ValueId a = node.inputs[0], b = node.inputs[1];
      rw.replace_input(n, 0, b);
      rw.replace_input(n, 1, a);
    }
    for (std::size_t i = 0; i < 2; ++i) {
      const Value& c = graph.input_of(n, i);
      const Value& x = graph.input_of(n, 1 - i);
      if (!c.is_constant() || c.type.quant || c.type.shape.empty() || c.type.elements() != 1) continue;
      if (x.type.shape.size() < c.type.shape.size()) continue;
      const ValueId scalar = rw.add_constant(c.name, c.constant->reshaped({}));
      rw.replace_input(n, i, scalar);
    }
  }
  return rw.commit();
}

}  // namespace xpuq
