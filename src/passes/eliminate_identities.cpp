//   reshape(x) of the same shape, cast to the same type, transpose by the identity, full slice, empty pad,
//   expand to the same shape, x * 1, x / 1, x - 0   ==>  x
//   reshape(reshape(x)) ==> reshape(x)       transpose_q(transpose_p(x)) ==> transpose_pq(x)
//   reshape(transpose(reshape(x))) that merges leading axes, permutes the others and splits the leading axes again
//                       ==> transpose(x)     (dynamo writes attention so)
// Precondition: none beyond the pattern (the inner node stays for its other readers). Numeric promise: exact.
#include <algorithm>

#include "passes/match.h"
#include "passes/pass.h"

namespace xpuq {
namespace {

bool is_identity(const Graph& g, NodeId n) {
  const Node& node = g.node(n);
  if (node.inputs.empty() || node.outputs.size() != 1) return false;
  const TensorType& in = g.input_of(n, 0).type;
  const TensorType& out = g.output_of(n).type;
  switch (node.op) {
    case OpKind::reshape:
    case OpKind::flatten:
    case OpKind::cast:
    case OpKind::expand:
    case OpKind::reorder: return in == out;
    case OpKind::transpose: {
      const Ints& perm = node.attributes.get_ints("perm");
      return std::is_sorted(perm.begin(), perm.end());
    }
    case OpKind::slice: {
      const Ints& steps = node.attributes.get_ints("steps");
      return in.shape == out.shape && std::all_of(steps.begin(), steps.end(), [](std::int64_t s) { return s == 1; });
    }
    case OpKind::pad: return in.shape == out.shape;
    case OpKind::mul:
    case OpKind::div: return in.shape == out.shape && scalar_of(g, node.inputs[1]) == 1.0f;
    case OpKind::sub: return in.shape == out.shape && scalar_of(g, node.inputs[1]) == 0.0f;
    default: return false;
  }
}

/// Replaces node `n` by one operation over the input of its like-minded producer, when both are of one chain.
bool merge_chain(Graph& g, Rewriter& rw, NodeId n) {
  const Node& node = g.node(n);
  const bool shapes = node.op == OpKind::reshape;
  if (!shapes && node.op != OpKind::transpose) return false;
  NodeId inner = made_by(g, node.inputs[0], node.op);
  if (inner == NodeId::none && shapes) inner = made_by(g, node.inputs[0], OpKind::flatten);
  if (inner == NodeId::none) return false;
  Attributes attributes = node.attributes;
  if (!shapes) {
    const Ints& p = g.node(inner).attributes.get_ints("perm");
    Ints combined;
    for (std::int64_t axis : node.attributes.get_ints("perm")) combined.push_back(p[static_cast<std::size_t>(axis)]);
    attributes.set("perm", combined);
  }
  const ValueId out = node.outputs[0];
  const ValueId merged = rw.insert_before(n, node.op, {g.node(inner).inputs[0]}, attributes, g.value(out).name,
                                          merge_origins({&g.node(inner).origin, &node.origin}));
  rw.replace_all_uses(out, merged);
  rw.take_name(merged, out);
  rw.erase(n);
  return true;
}

/// The reshape `n` splits the leading axis that another reshape merged, with a transpose of the other axes between:
/// split first, then one transpose does it.
bool merge_around_transpose(Graph& g, Rewriter& rw, NodeId n) {
  const Node& node = g.node(n);
  if (node.op != OpKind::reshape) return false;
  const NodeId inner = made_by(g, node.inputs[0], OpKind::transpose);
  if (inner == NodeId::none) return false;
  const NodeId merge = made_by(g, g.node(inner).inputs[0], OpKind::reshape);
  if (merge == NodeId::none) return false;
  const Shape& merged = g.output_of(merge).type.shape;
  const Shape& after = g.output_of(n).type.shape;
  const Ints& perm = g.node(inner).attributes.get_ints("perm");
  if (merged.empty() || after.size() <= merged.size() || perm[0] != 0) return false;
  const std::size_t leading = after.size() - merged.size() + 1;
  Ints whole;
  for (std::size_t i = 0; i < leading; ++i) whole.push_back(static_cast<std::int64_t>(i));
  for (std::size_t i = 1; i < perm.size(); ++i) {
    if (after[leading + i - 1] != merged[static_cast<std::size_t>(perm[i])]) return false;
    whole.push_back(perm[i] + static_cast<std::int64_t>(leading) - 1);
  }
  Shape split(after.begin(), after.begin() + static_cast<std::ptrdiff_t>(leading));
  if (element_count(split) != merged[0]) return false;
  split.insert(split.end(), merged.begin() + 1, merged.end());
  const ValueId out = node.outputs[0];
  const ValueId whole_src = g.node(merge).inputs[0];
  const ValueId parts = g.value(whole_src).type.shape == split
                            ? whole_src
                            : rw.insert_before(n, OpKind::reshape, {whole_src}, {{"shape", split}}, g.output_of(merge).name, g.node(merge).origin);
  const ValueId made = rw.insert_before(n, OpKind::transpose, {parts}, {{"perm", whole}}, g.value(out).name,
                                        merge_origins({&g.node(merge).origin, &g.node(inner).origin, &node.origin}));
  rw.replace_all_uses(out, made);
  rw.take_name(made, out);
  rw.erase(n);
  return true;
}

}  // namespace

Result<Change> eliminate_identities(Graph& graph, const PassContext&) {
  Rewriter rw(graph);
  const std::vector<NodeId> order(graph.order().begin(), graph.order().end());
  for (NodeId n : order) {
    if (is_identity(graph, n)) {
      const ValueId in = graph.node(n).inputs[0];
      const ValueId out = graph.node(n).outputs[0];
      // A model output keeps its name, so the producer's value takes it over where that is no input of the model.
      const bool rename = graph.is_output(out) && !graph.value(in).is_input() && !graph.is_output(in);
      if (graph.is_output(out) && !rename) continue;
      rw.replace_all_uses(out, in);
      if (rename) rw.take_name(in, out);
      rw.erase(n);
    } else {
      if (!merge_around_transpose(graph, rw, n)) merge_chain(graph, rw, n);
    }
  }
  return rw.commit();
}

}  // namespace xpuq
