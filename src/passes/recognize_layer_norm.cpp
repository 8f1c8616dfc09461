//   m = mean(x);  d = x - m;  v = mean(d * d) or mean(pow(d, 2));  y = d / sqrt(v + eps)  [* gamma] [+ beta]
//   ==> y = layer_norm(x [, gamma, beta])        means over one trailing run of axes, kept
// as ONNX exporters below opset 17 expand it. Precondition: the inner values have no reader outside the pattern.
// Numeric promise: 1e-6 relative (order of the sums).
#include "passes/match.h"
#include "passes/pass.h"

namespace xpuq {
namespace {

struct Match {
  ValueId x = ValueId::none;
  std::int64_t axis = 0;
  double eps = 0;
};

/// The first axis when `n` is a mean over all axes from there to the last one, kept; -1 otherwise.
std::int64_t trailing_mean_axis(const Graph& g, NodeId n) {
  if (n == NodeId::none || g.node(n).attributes.get_int("keepdims", 0) != 1) return -1;
  const Ints& axes = g.node(n).attributes.get_ints("axes");
  const auto rank = static_cast<std::int64_t>(g.input_of(n, 0).type.shape.size());
  for (std::size_t i = 0; i < axes.size(); ++i)
    if (axes[i] != rank - static_cast<std::int64_t>(axes.size() - i)) return -1;
  return axes.empty() ? -1 : axes[0];
}

Match match(const Graph& g, NodeId div) {
  const Node& node = g.node(div);
  const ValueId d = node.inputs[0];
  const NodeId sub = made_by(g, d, OpKind::sub);
  const NodeId sqrt = made_by(g, node.inputs[1], OpKind::sqrt);
  if (sub == NodeId::none || sqrt == NodeId::none) return {};
  const ValueId x = g.node(sub).inputs[0];
  const NodeId mean = made_by(g, g.node(sub).inputs[1], OpKind::reduce_mean);
  const std::int64_t axis = trailing_mean_axis(g, mean);
  if (axis < 0 || g.node(mean).inputs[0] != x) return {};
  const NodeId add = made_by(g, g.node(sqrt).inputs[0], OpKind::add);
  if (add == NodeId::none) return {};
  const auto eps = scalar_of(g, g.node(add).inputs[1]);
  const NodeId variance = made_by(g, g.node(add).inputs[0], OpKind::reduce_mean);
  if (!eps || trailing_mean_axis(g, variance) != axis) return {};
  const NodeId square = g.value(g.node(variance).inputs[0]).producer;
  if (square == NodeId::none) return {};
  const Node& s = g.node(square);
  const bool squares = (s.op == OpKind::pow && s.inputs[0] == d && is_scalar(g, s.inputs[1], 2.0)) ||
                       (s.op == OpKind::mul && s.inputs[0] == d && s.inputs[1] == d);
  if (!squares || g.is_output(d) || readers(g, node.inputs[1]) != 1 || readers(g, s.outputs[0]) != 1) return {};
  // `d` may be read by the square (once as pow, twice as product) and by the division only.
  for (const Use& u : g.uses(d))
    if (u.node != square && u.node != div) return {};
  return {x, axis, *eps};
}

/// The sole user of `v` when it is an `op` with a constant of the normalized dims as its second input.
NodeId affine_user(const Graph& g, ValueId v, OpKind op, const Shape& dims) {
  const NodeId n = g.sole_user(v);
  if (n == NodeId::none || g.node(n).op != op || g.node(n).inputs[0] != v) return NodeId::none;
  const Value& c = g.input_of(n, 1);
  return c.is_constant() && c.type.shape == dims ? n : NodeId::none;
}

}  // namespace

Result<Change> recognize_layer_norm(Graph& graph, const PassContext&) {
  Rewriter rw(graph);
  const std::vector<NodeId> order(graph.order().begin(), graph.order().end());
  for (NodeId n : order) {
    if (graph.node(n).op != OpKind::div || readers(graph, graph.node(n).outputs[0]) == 0) continue;
    const Match m = match(graph, n);
    if (m.x == ValueId::none) continue;
    const Shape& shape = graph.value(m.x).type.shape;
    const Shape dims(shape.begin() + m.axis, shape.end());
    NodeId last = n;
    std::vector<ValueId> inputs{m.x};
    const NodeId mul = affine_user(graph, graph.node(n).outputs[0], OpKind::mul, dims);
    const NodeId add = mul == NodeId::none ? NodeId::none : affine_user(graph, graph.node(mul).outputs[0], OpKind::add, dims);
    std::vector<std::string> origin = graph.node(n).origin;
    if (add != NodeId::none) {
      inputs.push_back(graph.node(mul).inputs[1]);
      inputs.push_back(graph.node(add).inputs[1]);
      origin = merge_origins({&origin, &graph.node(mul).origin, &graph.node(add).origin});
      last = add;
    }
    const ValueId out = graph.node(last).outputs[0];
    const ValueId y = rw.insert_before(last, OpKind::layer_norm, inputs, {{"axis", m.axis}, {"eps", m.eps}}, graph.value(out).name, origin);
    rw.replace_all_uses(out, y);
    rw.take_name(y, out);
    // The affine part and the quotient go at once, or the quotient would match again.
    for (NodeId dead : {add, add == NodeId::none ? NodeId::none : mul, n})
      if (dead != NodeId::none) rw.erase(dead);
  }
  return rw.commit();
}

}  // namespace xpuq
