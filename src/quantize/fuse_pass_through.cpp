//   dequantize -> move -> quantize       ==>  move on s8         concat: every input a dequantize of equal parameters
//   dequantize -> average pool -> quantize  ==>  average pool on s8
//   quantize(dequantize(q))              ==>  q
// all with equal scale and zero point on both sides, and
//   dequantize(q) -> move (sole reader) -> anything  ==>  move(q) -> dequantize      so that s8 bytes move
// Precondition: as drawn; inner values have no other reader. Numeric promise: exact for moves; an average differs from
// the float one only on ties (the integer sum is exact, pt2e-semantics 5.3).
#include <algorithm>

#include "passes/match.h"
#include "passes/pass.h"

namespace xpuq {
namespace {

bool is_average(OpKind op) { return op == OpKind::avg_pool || op == OpKind::adaptive_avg_pool; }
bool is_move(const Node& node) {
  if (node.op == OpKind::pad) return node.attributes.get_string("mode") != "constant" || node.attributes.get_float("value", 0) == 0;
  return node.op == OpKind::max_pool || moves_elements(node.op, node.attributes);
}
std::size_t carried(const Node& node) { return node.op == OpKind::concat ? node.inputs.size() : 1; }

/// The quantized operands behind the dequantizes that feed a node; empty when one is not such, or they differ.
std::vector<ValueId> quantized_operands(const Graph& g, const Node& node) {
  std::vector<ValueId> out = node.inputs;
  for (std::size_t i = 0; i < carried(node); ++i) {
    const NodeId dq = made_by(g, node.inputs[i], OpKind::dequantize);
    if (dq == NodeId::none) return {};
    out[i] = g.node(dq).inputs[0];
    const auto& quant = g.value(out[i]).type.quant;
    if (!quant->per_tensor() || g.value(out[i]).is_constant() || *quant != *g.value(out[0]).type.quant) return {};
  }
  return out;
}

}  // namespace

Result<Change> fuse_pass_through(Graph& graph, const PassContext&) {
  Rewriter rw(graph);
  const std::vector<NodeId> order(graph.order().begin(), graph.order().end());
  for (NodeId n : order) {
    const Node node = graph.node(n);
    if (node.outputs.size() != 1 || node.inputs.empty()) continue;
    if (node.op == OpKind::quantize) {
      const NodeId dq = made_by(graph, node.inputs[0], OpKind::dequantize);
      if (dq == NodeId::none) continue;
      const ValueId inner = graph.node(dq).inputs[0];
      if (graph.value(inner).type != graph.value(node.outputs[0]).type) continue;
      rw.replace_all_uses(node.outputs[0], inner);
      rw.erase(n);
      continue;
    }
    if (!is_average(node.op) && !is_move(node)) continue;
    const std::vector<ValueId> inputs = quantized_operands(graph, node);
    if (inputs.empty()) continue;
    const NodeId reader = graph.sole_user(node.outputs[0]);
    const bool closed = reader != NodeId::none && graph.node(reader).op == OpKind::quantize &&
                        graph.output_of(reader).type.quant == graph.value(inputs[0]).type.quant;
    // An average is only exact to the recipe where a quantize of the same parameters follows.
    if (is_average(node.op) && !closed) continue;
    const ValueId moved = rw.insert_before(n, node.op, inputs, node.attributes, graph.value(node.outputs[0]).name, node.origin);
    if (closed) {
      rw.replace_all_uses(graph.node(reader).outputs[0], moved);
      rw.erase(reader);
    } else {
      const ValueId dq = rw.insert_before(n, OpKind::dequantize, {moved}, {{"to", std::string("f32")}}, graph.value(node.outputs[0]).name, node.origin);
      rw.replace_all_uses(node.outputs[0], dq);
      rw.take_name(dq, node.outputs[0]);
    }
    rw.erase(n);
  }
  return rw.commit();
}

}  // namespace xpuq
