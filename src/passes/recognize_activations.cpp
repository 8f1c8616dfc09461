//   hardsigmoid:  clip(x + 3, 0, 6) / 6,  clip(x / 6 + 0.5, 0, 1)               ==> hardsigmoid(1/6, 1/2)
//   hardswish:    x * clip(x + 3, 0, 6) / 6 in any association, x * hardsigmoid  ==> hardswish(x)
//   silu:         x * sigmoid(x)                                                 ==> silu(x)
//   gelu:         0.5 * x * (1 + erf(x / sqrt 2)) in any association             ==> gelu(x)
// These must be whole again before observers are placed: a bare product of two equal shapes is quantized as `mul`.
// Precondition: the inner values have no other reader. Numeric promise: 2 ulp of the expanded f32 form.
#include "passes/match.h"
#include "passes/pass.h"

namespace xpuq {
namespace {

constexpr double kSqrtHalf = 0.70710678118654752;

bool single(const Graph& g, ValueId v) { return readers(g, v) == 1; }

/// x when `v` is clip(x + 3, 0, 6).
ValueId shifted_relu6(const Graph& g, ValueId v) {
  const NodeId clip = made_by(g, v, OpKind::clip);
  if (clip == NodeId::none || !single(g, v)) return ValueId::none;
  const Attributes& a = g.node(clip).attributes;
  if (a.get_float("min", -1) != 0 || a.get_float("max", -1) != 6) return ValueId::none;
  const ValueId inner = g.node(clip).inputs[0];
  return single(g, inner) ? other_than_scalar(g, made_by(g, inner, OpKind::add), 3.0) : ValueId::none;
}

/// The operand that `n` scales by 1/6, as a product or a quotient.
ValueId sixth_of(const Graph& g, NodeId n) {
  if (n == NodeId::none) return ValueId::none;
  const Node& node = g.node(n);
  if (node.op == OpKind::div && is_scalar(g, node.inputs[1], 6.0)) return node.inputs[0];
  if (node.op == OpKind::mul) return other_than_scalar(g, n, 1.0 / 6.0);
  return ValueId::none;
}

/// x when node `n` computes hardsigmoid(x) from simpler operations.
ValueId expanded_hardsigmoid(const Graph& g, NodeId n) {
  if (const ValueId v = sixth_of(g, n); v != ValueId::none) return shifted_relu6(g, v);
  const Node& node = g.node(n);
  if (node.op != OpKind::clip || node.attributes.get_float("min", -1) != 0 || node.attributes.get_float("max", -1) != 1)
    return ValueId::none;
  const ValueId sum = node.inputs[0];
  const ValueId sixth = single(g, sum) ? other_than_scalar(g, made_by(g, sum, OpKind::add), 0.5) : ValueId::none;
  if (sixth == ValueId::none || !single(g, sixth)) return ValueId::none;
  return sixth_of(g, g.value(sixth).producer);
}

/// x when node `n` is a product of x and some f(x), where `f` gives the x it was applied to.
template <class F>
ValueId gated(const Graph& g, NodeId n, F f) {
  const Node& node = g.node(n);
  if (node.op != OpKind::mul) return ValueId::none;
  for (std::size_t i = 0; i < 2; ++i) {
    const ValueId x = node.inputs[i], gate = node.inputs[1 - i];
    if (single(g, gate) && f(gate) == x) return x;
  }
  return ValueId::none;
}

ValueId expanded_hardswish(const Graph& g, NodeId n) {
  const ValueId by_gate = gated(g, n, [&](ValueId gate) -> ValueId {
    const NodeId p = g.value(gate).producer;
    if (p == NodeId::none) return ValueId::none;
    if (g.node(p).op == OpKind::hardsigmoid) {
      const Attributes& a = g.node(p).attributes;
      const bool standard = std::abs(a.get_float("alpha", 0) - 1.0 / 6.0) < 1e-5 && a.get_float("beta", 0) == 0.5;
      return standard ? g.node(p).inputs[0] : ValueId::none;
    }
    return expanded_hardsigmoid(g, p);
  });
  if (by_gate != ValueId::none) return by_gate;
  // (x * clip(x + 3, 0, 6)) / 6
  const ValueId product = sixth_of(g, n);
  if (product == ValueId::none || !single(g, product)) return ValueId::none;
  const NodeId mul = made_by(g, product, OpKind::mul);
  return mul == NodeId::none ? ValueId::none : gated(g, mul, [&](ValueId gate) { return shifted_relu6(g, gate); });
}

ValueId expanded_silu(const Graph& g, NodeId n) {
  return gated(g, n, [&](ValueId gate) {
    const NodeId p = made_by(g, gate, OpKind::sigmoid);
    return p == NodeId::none ? ValueId::none : g.node(p).inputs[0];
  });
}

/// x when `v` is 1 + erf(x / sqrt 2).
ValueId one_plus_erf(const Graph& g, ValueId v) {
  if (!single(g, v)) return ValueId::none;
  const ValueId e = other_than_scalar(g, made_by(g, v, OpKind::add), 1.0);
  if (e == ValueId::none || !single(g, e)) return ValueId::none;
  const NodeId erf = made_by(g, e, OpKind::erf);
  if (erf == NodeId::none) return ValueId::none;
  const ValueId scaled = g.node(erf).inputs[0];
  if (!single(g, scaled)) return ValueId::none;
  const NodeId div = made_by(g, scaled, OpKind::div);
  if (div != NodeId::none && is_scalar(g, g.node(div).inputs[1], 1.0 / kSqrtHalf)) return g.node(div).inputs[0];
  return other_than_scalar(g, made_by(g, scaled, OpKind::mul), kSqrtHalf);
}

ValueId expanded_gelu(const Graph& g, NodeId n) {
  const Node& node = g.node(n);
  if (node.op != OpKind::mul) return ValueId::none;
  // (x * (1 + erf)) * 0.5
  if (const ValueId product = other_than_scalar(g, n, 0.5); product != ValueId::none && single(g, product)) {
    const NodeId mul = made_by(g, product, OpKind::mul);
    return mul == NodeId::none ? ValueId::none : gated(g, mul, [&](ValueId v) { return one_plus_erf(g, v); });
  }
  for (std::size_t i = 0; i < 2; ++i) {
    const ValueId a = node.inputs[i], b = node.inputs[1 - i];
    if (!single(g, a)) continue;
    const ValueId half = other_than_scalar(g, made_by(g, a, OpKind::mul), 0.5);
    if (half == ValueId::none) continue;
    if (one_plus_erf(g, b) == half) return half;                                     // (x * 0.5) * (1 + erf)
    if (single(g, half) && one_plus_erf(g, half) == b) return b;                     // x * ((1 + erf) * 0.5)
  }
  return ValueId::none;
}

}  // namespace

Result<Change> recognize_activations(Graph& graph, const PassContext&) {
  struct Rule {
    ValueId (*match)(const Graph&, NodeId);
    OpKind op;
    Attributes attributes;
  };
  const Rule rules[] = {{expanded_hardswish, OpKind::hardswish, {}},
                        {expanded_silu, OpKind::silu, {}},
                        {expanded_gelu, OpKind::gelu, {{"approximate", std::string("none")}}},
                        {expanded_hardsigmoid, OpKind::hardsigmoid, {{"alpha", static_cast<double>(1.0f / 6.0f)}, {"beta", 0.5}}}};
  Rewriter rw(graph);
  const std::vector<NodeId> order(graph.order().begin(), graph.order().end());
  // From the back, so that a product is seen before the gate inside it is taken for a hardsigmoid of its own.
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    const Node& node = graph.node(*it);
    if (node.op != OpKind::mul && node.op != OpKind::div && node.op != OpKind::clip) continue;
    if (graph.output_of(*it).type.dtype != DataType::f32 || readers(graph, node.outputs[0]) == 0) continue;
    for (const Rule& rule : rules) {
      const ValueId x = rule.match(graph, *it);
      if (x == ValueId::none || graph.value(x).type.shape != graph.output_of(*it).type.shape) continue;
      const ValueId out = node.outputs[0];
      const ValueId whole = rw.insert_before(*it, rule.op, {x}, rule.attributes, graph.value(out).name, node.origin);
      rw.replace_all_uses(out, whole);
      rw.take_name(whole, out);
      break;
    }
  }
  return rw.commit();
}

}  // namespace xpuq
