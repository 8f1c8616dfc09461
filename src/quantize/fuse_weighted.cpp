//   dequantize(x_q) , dequantize(w_q) -> conv(., ., bia)   ==>  conv(x_q, w_q, bia) : f32        the same for linear
// The int8 form accumulates exactly in s32 and scales once (pt2e-semantics 5.2).
// Precondition: s8 per-tensor source, s8 weight quantized per tensor or on axis 0 with zero points 0, bias f32.
// Numeric promise: the float form up to the rounding of its own accumulation.
#include "passes/match.h"
#include "passes/pass.h"

namespace xpuq {

Result<Change> fuse_weighted(Graph& graph, const PassContext&) {
  Rewriter rw(graph);
  const std::vector<NodeId> order(graph.order().begin(), graph.order().end());
  for (NodeId n : order) {
    const Node& node = graph.node(n);
    if (node.op != OpKind::conv && node.op != OpKind::linear) continue;
    const NodeId dq_src = made_by(graph, node.inputs[0], OpKind::dequantize);
    const NodeId dq_wei = made_by(graph, node.inputs[1], OpKind::dequantize);
    if (dq_src == NodeId::none || dq_wei == NodeId::none) continue;
    std::vector<ValueId> inputs = node.inputs;
    inputs[0] = graph.node(dq_src).inputs[0];
    inputs[1] = graph.node(dq_wei).inputs[0];
    Attributes attributes = node.attributes;
    attributes.set("dst_type", std::string("f32"));
    std::vector<TensorType> types;
    for (ValueId v : inputs) types.push_back(graph.value(v).type);
    if (!infer(node.op, attributes, types).ok()) continue;
    const ValueId out = node.outputs[0];
    const ValueId fused = rw.insert_before(n, node.op, inputs, attributes, graph.value(out).name, node.origin);
    rw.replace_all_uses(out, fused);
    rw.take_name(fused, out);
    rw.erase(n);
  }
  return rw.commit();
}

}  // namespace xpuq
