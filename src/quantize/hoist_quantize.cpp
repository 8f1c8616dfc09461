//   move(x) -> quantize      ==>  quantize(x) -> move          move: max pool, concat, reshape, transpose, slice, ...
// Quantization with one scale is monotonic and acts on each element alone, so it commutes with every operation that
// only moves or selects elements, and the s8 form moves a quarter of the bytes. It also lets the quantize reach the
// convolution that made x. A pad commutes when it pads with real 0, which is the zero point's code.
// Precondition: the moved value has no other reader; every quantize on it is the same. Numeric promise: exact.
#include <algorithm>

#include "passes/match.h"
#include "passes/pass.h"

namespace xpuq {
namespace {

bool commutes(const Node& node) {
  if (node.op == OpKind::max_pool) return true;
  if (node.op == OpKind::pad) return node.attributes.get_string("mode") != "constant" || node.attributes.get_float("value", 0) == 0;
  return moves_elements(node.op, node.attributes);
}

/// How many inputs of the operation carry its elements (gather's indices do not).
std::size_t carried(const Node& node) { return node.op == OpKind::concat ? node.inputs.size() : 1; }

}  // namespace

Result<Change> hoist_quantize(Graph& graph, const PassContext&) {
  Rewriter rw(graph);
  const std::vector<NodeId> order(graph.order().begin(), graph.order().end());
  // From the back, so that a quantize climbs through a whole chain in one run.
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    const NodeId move = *it;
    const Node node = graph.node(move);
    if (node.outputs.size() != 1 || !commutes(node)) continue;
    const NodeId q = graph.sole_user(node.outputs[0]);
    if (q == NodeId::none || graph.node(q).op != OpKind::quantize || graph.node(q).attributes.has("axis")) continue;
    const std::size_t count = carried(node);
    // Constants and already quantized operands would gain a quantize at run time for nothing.
    if (std::any_of(node.inputs.begin(), node.inputs.begin() + static_cast<std::ptrdiff_t>(count),
                    [&](ValueId v) { return graph.value(v).is_constant() || graph.value(v).type.dtype != DataType::f32; }))
      continue;
    std::vector<ValueId> inputs = node.inputs;
    for (std::size_t i = 0; i < count; ++i) {
      ValueId shared = ValueId::none;  // an operand that is concatenated twice is quantized once
      for (std::size_t j = 0; j < i; ++j)
        if (node.inputs[j] == node.inputs[i]) shared = inputs[j];
      inputs[i] = shared != ValueId::none ? shared
                                          : rw.insert_before(move, OpKind::quantize, {node.inputs[i]}, graph.node(q).attributes,
                                                             graph.value(node.inputs[i]).name + ".q", graph.node(q).origin);
    }
    const ValueId moved = rw.insert_before(move, node.op, inputs, node.attributes, graph.value(node.outputs[0]).name, node.origin);
    const ValueId old = graph.node(q).outputs[0];
    rw.replace_all_uses(old, moved);
    rw.erase(q);
    rw.take_name(moved, node.outputs[0]);
    rw.erase(move);
  }
  return rw.commit();
}

}  // namespace xpuq
