// Pointwise operators of one tensor.
#include <cmath>
#include <limits>

#include "import/pt2/operators.h"

namespace xpuq::pt2::import_op {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Result<ValueId> float_self(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  return c.as_float(v);
}

Attributes bounds(double low, double high) { return {{"min", as_f32(low)}, {"max", as_f32(high)}}; }

}  // namespace

/// Keeps integers (relu, abs, neg, sign); rounding integers does nothing.
Result<void> unary(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  const bool rounds = c.kind() == OpKind::floor || c.kind() == OpKind::ceil || c.kind() == OpKind::round;
  if (rounds && c.dtype(v) != DataType::f32) return c.result(v);
  if (c.has("decimals")) {
    XPUQ_ASSIGN(const std::int64_t decimals, c.integer("decimals"));
    if (decimals != 0) return c.unsupported("rounds to " + std::to_string(decimals) + " decimals");
  }
  return c.emit_result(c.kind(), {v});
}

Result<void> float_unary(Call& c) {
  XPUQ_ASSIGN(const ValueId v, float_self(c));
  return c.emit_result(c.kind(), {v});
}

Result<void> clamp(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  double low = -kInfinity, high = kInfinity;
  const char* names[2] = {c.has("min_val") ? "min_val" : "min", c.has("max_val") ? "max_val" : "max"};
  bool whole = true;
  for (int i = 0; i < 2; ++i) {
    if (!c.has(names[i]) || !c.given(names[i])) continue;
    XPUQ_ASSIGN(const double bound, c.real(names[i]));
    whole = whole && bound == std::floor(bound);
    (i == 0 ? low : high) = bound;
  }
  XPUQ_ASSIGN(const ValueId src, whole && c.dtype(v) != DataType::boolean ? Result<ValueId>(v) : c.as_float(v));
  return c.emit_result(OpKind::clip, {src}, bounds(low, high));
}

Result<void> clamp_tensor(Call& c) {
  XPUQ_ASSIGN(ValueId v, c.tensor("self"));
  std::vector<const char*> bounds_given;
  for (const char* name : {"min", "max"})
    if (c.has(name) && c.given(name)) bounds_given.push_back(name);
  for (const char* name : bounds_given) {
    XPUQ_ASSIGN(const Term bound, c.term(name));
    XPUQ_ASSIGN(const auto pair, promote(c, Term(v), bound));
    const OpKind kind = std::string_view(name) == "min" ? OpKind::maximum : OpKind::minimum;
    XPUQ_ASSIGN(v, (name == bounds_given.back() ? c.last() : c).emit(kind, {pair.first, pair.second}));
  }
  return c.result(v);
}

Result<void> relu6(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  return c.emit_result(OpKind::clip, {v}, bounds(0, 6));
}

Result<void> gelu(Call& c) {
  XPUQ_ASSIGN(const ValueId v, float_self(c));
  XPUQ_ASSIGN(const std::string approximate, c.text("approximate"));
  return c.emit_result(OpKind::gelu, {v}, {{"approximate", approximate}});
}

Result<void> leaky_relu(Call& c) {
  XPUQ_ASSIGN(const ValueId v, float_self(c));
  XPUQ_ASSIGN(const double slope, c.real("negative_slope"));
  return c.emit_result(OpKind::leaky_relu, {v}, {{"alpha", as_f32(slope)}});
}

/// scale * (x > 0 ? x : alpha * (exp(input_scale * x) - 1)); selu is elu with a scale.
Result<void> elu(Call& c) {
  XPUQ_ASSIGN(const ValueId v, float_self(c));
  double alpha = 1.6732632423543772848170429916717, scale = 1.0507009873554804934193349852946;  // of selu
  if (c.has("alpha")) {
    XPUQ_ASSIGN(alpha, c.real("alpha"));
    XPUQ_ASSIGN(scale, c.real("scale"));
    XPUQ_ASSIGN(const double input_scale, c.real("input_scale"));
    if (input_scale != 1) return c.unsupported("has input_scale " + std::to_string(input_scale));
  }
  XPUQ_ASSIGN(ValueId out, (scale != 1 ? c : c.last()).emit(OpKind::elu, {v}, {{"alpha", as_f32(alpha)}}));
  if (scale != 1) { XPUQ_ASSIGN(out, c.last().emit(OpKind::mul, {out, c.scalar(scale)})); }
  return c.result(out);
}

Result<void> hardsigmoid(Call& c) {
  XPUQ_ASSIGN(const ValueId v, float_self(c));
  return c.emit_result(OpKind::hardsigmoid, {v}, {{"alpha", as_f32(1.0 / 6)}, {"beta", 0.5}});
}

Result<void> prelu(Call& c) {
  XPUQ_ASSIGN(const ValueId v, float_self(c));
  XPUQ_ASSIGN(ValueId slope, c.tensor("weight"));
  // One slope per channel stands on axis 1; _prelu_kernel has it there already.
  if (c.rank(slope) == 1 && c.rank(v) > 2 && c.shape(slope)[0] != 1) {
    Shape shape{c.shape(slope)[0]};
    shape.resize(c.rank(v) - 1, 1);
    XPUQ_ASSIGN(slope, c.reshape(slope, shape));
  }
  return c.emit_result(OpKind::prelu, {v, slope});
}

Result<void> softplus(Call& c) {
  XPUQ_ASSIGN(ValueId v, float_self(c));
  XPUQ_ASSIGN(const double beta, c.real("beta"));
  XPUQ_ASSIGN(const double threshold, c.real("threshold"));
  // Above 17 log(1 + exp(x)) is x in f32, so the threshold changes nothing.
  if (threshold < 17) return c.unsupported("has threshold " + std::to_string(threshold));
  if (beta == 1) return c.emit_result(OpKind::softplus, {v});
  XPUQ_ASSIGN(v, c.emit(OpKind::mul, {v, c.scalar(beta)}));
  XPUQ_ASSIGN(v, c.emit(OpKind::softplus, {v}));
  return c.emit_result(OpKind::div, {v, c.scalar(beta)});
}

Result<void> rsqrt(Call& c) {
  XPUQ_ASSIGN(const ValueId v, float_self(c));
  XPUQ_ASSIGN(const ValueId root, c.emit(OpKind::sqrt, {v}));
  return c.emit_result(OpKind::reciprocal, {root});
}

Result<void> log1p(Call& c) {
  XPUQ_ASSIGN(const ValueId v, float_self(c));
  XPUQ_ASSIGN(const ValueId more, c.emit(OpKind::add, {v, c.scalar(1)}));
  return c.emit_result(OpKind::log, {more});
}

Result<void> expm1(Call& c) {
  XPUQ_ASSIGN(const ValueId v, float_self(c));
  XPUQ_ASSIGN(const ValueId power, c.emit(OpKind::exp, {v}));
  return c.emit_result(OpKind::sub, {power, c.scalar(1)});
}

Result<void> is_nan(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const ValueId itself, c.emit(OpKind::equal, {v, v}));
  return c.emit_result(OpKind::logical_not, {itself});
}

Result<void> square(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  return c.emit_result(OpKind::mul, {v, v});
}

Result<void> mish(Call& c) {
  XPUQ_ASSIGN(const ValueId v, float_self(c));
  XPUQ_ASSIGN(const ValueId plus, c.emit(OpKind::softplus, {v}));
  XPUQ_ASSIGN(const ValueId gate, c.emit(OpKind::tanh, {plus}));
  return c.emit_result(OpKind::mul, {v, gate});
}

Result<void> glu(Call& c) {
  XPUQ_ASSIGN(const ValueId v, float_self(c));
  XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(v)));
  const std::int64_t half = c.shape(v)[axis] / 2;
  if (half * 2 != c.shape(v)[axis])
    return c.problem("axis of size " + std::to_string(c.shape(v)[axis]) + " cannot be halved");
  XPUQ_ASSIGN(const ValueId a, c.slice(v, axis, 0, half));
  XPUQ_ASSIGN(const ValueId b, c.slice(v, axis, half, half));
  XPUQ_ASSIGN(const ValueId gate, c.emit(OpKind::sigmoid, {b}));
  return c.emit_result(OpKind::mul, {a, gate});
}

Result<void> logical_not(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  if (c.has("bits") && c.dtype(v) != DataType::boolean) return c.unsupported("works on the bits of integers");
  XPUQ_ASSIGN(const ValueId truth, c.cast(v, DataType::boolean));
  return c.emit_result(OpKind::logical_not, {truth});
}

}  // namespace xpuq::pt2::import_op
