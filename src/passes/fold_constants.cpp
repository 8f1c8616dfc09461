//   op(const, const, ...)  ==>  const       computed by the reference interpreter
// Quantized constants are left: their dequantize is what the int8 forms are made from. Results above 64 MiB stay
// operations, so that no small file can become a huge artifact. Numeric promise: exact to the interpreter.
#include <algorithm>

#include "passes/pass.h"
#include "reference/evaluate.h"

namespace xpuq {

Result<Change> fold_constants(Graph& graph, const PassContext&) {
  constexpr std::size_t kLargest = std::size_t{64} << 20;
  Rewriter rw(graph);
  const std::vector<NodeId> order(graph.order().begin(), graph.order().end());
  for (NodeId n : order) {
    const Node& node = graph.node(n);
    if (node.inputs.empty() || node.outputs.size() != 1 || node.op == OpKind::dequantize || node.op == OpKind::quantize) continue;
    const bool constant = std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId v) { return graph.value(v).is_constant(); });
    const ValueId out = node.outputs[0];
    if (!constant || graph.is_output(out) || graph.value(out).type.bytes() > kLargest) continue;
    std::vector<Tensor> inputs;
    std::vector<TensorType> types;
    for (ValueId v : node.inputs) {
      inputs.push_back(*graph.value(v).constant);
      types.push_back(graph.value(v).type);
    }
    XPUQ_ASSIGN(std::vector<Tensor> folded, evaluate(node.op, node.attributes, inputs, types));
    const ValueId c = rw.add_constant(graph.value(out).name, folded[0], graph.value(out).type.quant);
    rw.replace_all_uses(out, c);
    rw.erase(n);
  }
  return rw.commit();
}

}  // namespace xpuq
