//   pad(x) -> conv {pads}      ==>  conv(x) {more pads}
// A convolution's own padding is real 0, in int8 the zero point's code, which is what the pad writes. Mobile networks
// that came from TensorFlow pad so (asymmetrically) in front of every strided convolution.
// Precondition: the pad writes 0 along spatial axes and cuts nothing, and the convolution alone reads it. Numeric
// promise: exact.
#include <algorithm>

#include "passes/match.h"
#include "passes/pass.h"

namespace xpuq {
namespace {

/// Padding with 0 of the spatial axes alone.
bool pads_space_with_zero(const Attributes& pad) {
  if (pad.get_string("mode") != "constant" || pad.get_float("value", 0) != 0) return false;
  for (const char* side : {"begin", "end"}) {
    const Ints& p = pad.get_ints(side);
    if (p.size() < 3 || p[0] != 0 || p[1] != 0 || std::any_of(p.begin(), p.end(), [](std::int64_t n) { return n < 0; })) return false;
  }
  return true;
}

Ints sum(const Ints& pads, const Ints& added) {
  Ints out = pads;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] += added[i + 2];
  return out;
}

}  // namespace

Result<Change> fuse_pad(Graph& graph, const PassContext&) {
  Rewriter rw(graph);
  const std::vector<NodeId> order(graph.order().begin(), graph.order().end());
  for (NodeId n : order) {
    const Node node = graph.node(n);
    if (node.op != OpKind::conv) continue;
    const NodeId pad = made_by(graph, node.inputs[0], OpKind::pad);
    if (pad == NodeId::none || graph.sole_user(node.inputs[0]) != n || !pads_space_with_zero(graph.node(pad).attributes)) continue;
    const Attributes& p = graph.node(pad).attributes;
    Attributes attributes = node.attributes;
    attributes.set("pads_begin", sum(attributes.get_ints("pads_begin"), p.get_ints("begin")));
    attributes.set("pads_end", sum(attributes.get_ints("pads_end"), p.get_ints("end")));
    std::vector<ValueId> inputs = node.inputs;
    inputs[0] = graph.node(pad).inputs[0];
    const ValueId out = node.outputs[0];
    // The layer is known by its first origin, which stays the convolution's.
    const ValueId fused = rw.insert_before(n, OpKind::conv, inputs, attributes, graph.value(out).name,
                                           merge_origins({&node.origin, &graph.node(pad).origin}));
    rw.replace_all_uses(out, fused);
    rw.take_name(fused, out);
    rw.erase(n);
    rw.erase(pad);
  }
  return rw.commit();
}

}  // namespace xpuq
