//   conv(src, wei, bia) : f32          ==>  conv(bf16(src), bf16(wei), round(bia)) : bf16      linear, matmul, conv_transpose
//   conv(src_q, wei_q, bia) : f32      ==>  conv(src_q, wei_q, round(bia)) : bf16              an int8 result stays s8
//   relu, pools, moves, x + y of bf16  ==>  the same on bf16
//   softmax, norms, reductions of bf16 ==>  the same on f32(bf16)
// What torch.autocast(bfloat16) leaves of a converted graph (pt2e-semantics 6): float edges between fused operations
// travel in bf16, a fused operation computes in f32 inside, biases are rounded to bf16, pointwise operations follow
// their producers, sums over many elements stay in f32, and so does what comes straight from a dequantize. Model
// outputs are widened to f32, which changes no number.
// Precondition: fusion is finished. Numeric promise: that of bf16, 8 bits of mantissa on every float edge.
#include <algorithm>
#include <bit>
#include <map>

#include "ops/post_ops.h"
#include "passes/match.h"
#include "passes/pass.h"

namespace xpuq {
namespace {

/// The nearest bf16, ties to even; NaN stays NaN.
std::uint16_t bf16_bits(float v) {
  const auto u = std::bit_cast<std::uint32_t>(v);
  return static_cast<std::uint16_t>(v != v ? (u >> 16) | 0x40u : (u + 0x7FFFu + ((u >> 16) & 1u)) >> 16);
}
float rounded_to_bf16(float v) { return std::bit_cast<float>(static_cast<std::uint32_t>(bf16_bits(v)) << 16); }

bool is_weighted(OpKind op) { return op == OpKind::conv || op == OpKind::linear || op == OpKind::conv_transpose; }

/// Operations whose result has as few significant bits as their source.
bool follows(const Node& node) {
  switch (node.op) {
    case OpKind::max_pool: case OpKind::avg_pool: case OpKind::adaptive_avg_pool: case OpKind::resize: case OpKind::pad:
    case OpKind::concat: return true;
    default: return is_unary(node.op) || moves_elements(node.op, node.attributes);
  }
}

class Narrowing {
 public:
  explicit Narrowing(Graph& graph) : g_(graph), rw_(graph) {}

  Change run() {
    const std::vector<NodeId> order(g_.order().begin(), g_.order().end());
    for (NodeId n : order) visit(n);
    for (ValueId v : std::vector<ValueId>(g_.outputs().begin(), g_.outputs().end())) {
      if (!is(v, DataType::bf16)) continue;
      const ValueId wide = rw_.append(OpKind::cast, {v}, {{"to", std::string("f32")}}, g_.value(v).name, {});
      const std::vector<Use> uses(g_.uses(v).begin(), g_.uses(v).end());
      rw_.replace_all_uses(v, wide);
      for (const Use& u : uses) rw_.replace_input(u.node, u.index, v);
      rw_.take_name(wide, v);
    }
    return rw_.commit();
  }

 private:
  bool is(ValueId v, DataType dtype) const { return g_.value(v).type.dtype == dtype; }
  bool any_bf16(const Node& node) const {
    return std::any_of(node.inputs.begin(), node.inputs.end(), [&](ValueId v) { return is(v, DataType::bf16); });
  }

  ValueId converted(NodeId before, ValueId v, DataType to) {
    if (is(v, to)) return v;
    const auto [it, fresh] = converted_.try_emplace({v, to}, ValueId::none);
    if (!fresh) return it->second;
    const std::string name = g_.value(v).name + "." + std::string(to_string(to));
    if (g_.value(v).is_constant() && to == DataType::bf16) {
      const Tensor& from = *g_.value(v).constant;
      Tensor narrow(DataType::bf16, from.shape());
      std::transform(from.data<float>(), from.data<float>() + from.elements(), narrow.data<std::uint16_t>(), bf16_bits);
      return it->second = rw_.add_constant(name, std::move(narrow));
    }
    return it->second = rw_.insert_before(before, OpKind::cast, {v}, {{"to", std::string(to_string(to))}}, name, {});
  }

  /// A bias stays f32 in the plan and holds numbers that bf16 has.
  ValueId rounded(ValueId v) {
    if (!g_.value(v).is_constant() || !is(v, DataType::f32)) return v;
    const auto [it, fresh] = rounded_.try_emplace(v, ValueId::none);
    if (!fresh) return it->second;
    const Tensor& from = *g_.value(v).constant;
    Tensor t(DataType::f32, from.shape());
    std::transform(from.data<float>(), from.data<float>() + from.elements(), t.data<float>(), rounded_to_bf16);
    const bool same = std::equal(t.data<float>(), t.data<float>() + t.elements(), from.data<float>());
    return it->second = same ? v : rw_.add_constant(g_.value(v).name + ".rounded", std::move(t));
  }

  /// Puts the same operation over other inputs in the place of `n`.
  ValueId replace(NodeId n, std::vector<ValueId> inputs, Attributes attributes) {
    const Node& node = g_.node(n);
    const ValueId out = node.outputs[0];
    const ValueId made = rw_.insert_before(n, node.op, std::move(inputs), std::move(attributes), g_.value(out).name, node.origin);
    stand_in(n, made);
    return made;
  }
  void stand_in(NodeId n, ValueId made) {
    const ValueId out = g_.node(n).outputs[0];
    rw_.replace_all_uses(out, made);
    rw_.take_name(made, out);
    rw_.erase(n);
  }

  void visit(NodeId n) {
    const Node node = g_.node(n);
    if (is_weighted(node.op)) return weighted(n, node);
    if (node.op == OpKind::matmul) {
      if (is(node.inputs[0], DataType::f32) || is(node.inputs[1], DataType::f32))
        replace(n, {converted(n, node.inputs[0], DataType::bf16), converted(n, node.inputs[1], DataType::bf16)}, node.attributes);
      else if (!is(node.outputs[0], DataType::bf16)) replace(n, node.inputs, node.attributes);
      return;
    }
    if (!any_bf16(node) || node.op == OpKind::quantize || node.op == OpKind::cast) return;
    const bool all = std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId v) { return !is(v, DataType::f32); });
    if (all && (follows(node) || is_binary(node.op))) {
      if (!retyped(node)) replace(n, node.inputs, node.attributes);
      return;
    }
    // A scalar does not widen a result (PyTorch's type promotion), yet is not rounded itself.
    const bool scalar = is_binary(node.op) && g_.value(node.inputs[1]).is_constant() && g_.value(node.inputs[1]).type.shape.empty();
    std::vector<ValueId> wide = node.inputs;
    for (ValueId& v : wide)
      if (is(v, DataType::bf16)) v = converted(n, v, DataType::f32);
    if (!scalar || !is(node.outputs[0], DataType::f32)) {
      replace(n, wide, node.attributes);
      return;
    }
    const ValueId computed = rw_.insert_before(n, node.op, wide, node.attributes, g_.value(node.outputs[0]).name + ".f32", node.origin);
    stand_in(n, rw_.insert_before(n, OpKind::cast, {computed}, {{"to", std::string("bf16")}}, g_.value(node.outputs[0]).name, node.origin));
  }

  /// Whether the stored output type is already that of the inputs.
  bool retyped(const Node& node) const {
    std::vector<TensorType> types;
    for (ValueId v : node.inputs) types.push_back(g_.value(v).type);
    const Inferred inferred = infer(node.op, node.attributes, types);
    return inferred.ok() && inferred.types[0].dtype == g_.value(node.outputs[0]).type.dtype;
  }

  void weighted(NodeId n, const Node& node) {
    const bool int8 = g_.value(node.inputs[0]).type.quant.has_value();
    const bool to_int8 = node.attributes.has("dst_scale");
    if (!int8 && is(node.inputs[0], DataType::bf16) && is(node.outputs[0], DataType::bf16)) return;
    std::vector<ValueId> inputs = node.inputs;
    if (!int8)
      for (std::size_t i = 0; i < 2; ++i) inputs[i] = converted(n, inputs[i], DataType::bf16);
    const int bia = node.op == OpKind::conv_transpose ? (inputs.size() > 2 ? 2 : -1) : weighted_inputs(node.attributes, inputs.size()).bia;
    if (bia >= 0) inputs[static_cast<std::size_t>(bia)] = rounded(inputs[static_cast<std::size_t>(bia)]);
    Attributes attributes = node.attributes;
    if (node.op != OpKind::conv_transpose && !to_int8) attributes.set("dst_type", std::string("bf16"));
    if (inputs == node.inputs && attributes == node.attributes) return;
    replace(n, std::move(inputs), std::move(attributes));
  }

  Graph& g_;
  Rewriter rw_;
  std::map<std::pair<ValueId, DataType>, ValueId> converted_;
  std::map<ValueId, ValueId> rounded_;
};

}  // namespace

Result<Change> narrow_to_bf16(Graph& graph, const PassContext& context) {
  return context.bf16 ? Narrowing(graph).run() : Change::none;
}

}  // namespace xpuq
