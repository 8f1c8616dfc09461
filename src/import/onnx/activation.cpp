// Pointwise operators of one input. https://onnx.ai/onnx/operators/
#include <cmath>
#include <limits>

#include "import/onnx/operators.h"

namespace xpuq::onnx_import {
namespace {

bool is_f64(const Call& c) { return c.dtype(0) == DataType::f64; }
bool is_real(const Call& c) { return c.dtype(0) == DataType::f32 || is_f64(c); }

}  // namespace

Result<Outputs> unary(Call& c) { return c.result(c.op.kind, {c.in(0)}); }

// Bounds are attributes before opset 11 and optional inputs since; an absent one bounds nothing.
Result<Outputs> clip(Call& c) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double low = -kInfinity;
  double high = kInfinity;
  bool runtime_bounds = false;
  // The old defaults are the largest finite floats, which mean "no bound" too.
  if (c.has_attribute("min") && c.float_or("min", 0) > -std::numeric_limits<float>::max()) low = c.float_or("min", 0);
  if (c.has_attribute("max") && c.float_or("max", 0) < std::numeric_limits<float>::max()) high = c.float_or("max", 0);
  for (std::size_t i : {std::size_t{1}, std::size_t{2}}) {
    if (!c.has(i)) continue;
    if (const auto bound = c.builder.number_of(c.in(i))) (i == 1 ? low : high) = *bound;
    else runtime_bounds = true;
  }
  if (!runtime_bounds && low == -kInfinity && high == kInfinity) return Outputs{c.in(0)};
  if (is_real(c) && !runtime_bounds && !std::isnan(low) && !std::isnan(high))
    return c.result(OpKind::clip, {c.in(0)}, {{"min", low}, {"max", high}});
  if (is_real(c) && !runtime_bounds) return c.problem("a bound is NaN");
  // Integers (a double could not hold every bound) and bounds that are known only at run time.
  ValueId v = c.in(0);
  if (c.has(1)) {
    XPUQ_ASSIGN(v, c.has(2) ? c.step(OpKind::maximum, {v, c.in(1)}) : c.emit(OpKind::maximum, {v, c.in(1)}));
  }
  if (c.has(2)) {
    XPUQ_ASSIGN(v, c.emit(OpKind::minimum, {v, c.in(2)}));
  }
  return Outputs{v};
}

// The default alpha is 0.2, not the 1/6 that PyTorch writes.
Result<Outputs> hard_sigmoid(Call& c) {
  return c.result(OpKind::hardsigmoid, {c.in(0)},
                  {{"alpha", c.float_or("alpha", 0.2f)}, {"beta", c.float_or("beta", 0.5f)}});
}

Result<Outputs> with_alpha(Call& c) {
  const float fallback = c.op.kind == OpKind::leaky_relu ? 0.01f : 1.0f;
  return c.result(c.op.kind, {c.in(0)}, {{"alpha", c.float_or("alpha", fallback)}});
}

Result<Outputs> gelu(Call& c) {
  return c.result(OpKind::gelu, {c.in(0)}, {{"approximate", c.string_or("approximate", "none")}});
}

// gamma * (x > 0 ? x : alpha * (exp(x) - 1))
Result<Outputs> selu(Call& c) {
  XPUQ_ASSIGN(const ValueId v,
              c.step(OpKind::elu, {c.in(0)}, {{"alpha", c.float_or("alpha", 1.67326319217681884765625f)}}));
  return c.result(OpKind::mul, {v, c.scalar(c.dtype(0), c.float_or("gamma", 1.05070102214813232421875f))});
}

// max(0, x) + min(0, alpha * (exp(x / alpha) - 1)), which for alpha 1 is elu.
Result<Outputs> celu(Call& c) {
  const double alpha = c.float_or("alpha", 1);
  if (alpha == 1) return c.result(OpKind::elu, {c.in(0)}, {{"alpha", 1.0}});
  const ValueId zero = c.scalar(c.dtype(0), 0);
  XPUQ_ASSIGN(const ValueId scaled, c.step(OpKind::div, {c.in(0), c.scalar(c.dtype(0), alpha)}));
  XPUQ_ASSIGN(const ValueId curve, c.step(OpKind::elu, {scaled}, {{"alpha", alpha}}));
  XPUQ_ASSIGN(const ValueId below, c.step(OpKind::minimum, {curve, zero}));
  XPUQ_ASSIGN(const ValueId above, c.step(OpKind::relu, {c.in(0)}));
  return c.result(OpKind::add, {above, below});
}

Result<Outputs> mish(Call& c) {
  XPUQ_ASSIGN(const ValueId plus, c.step(OpKind::softplus, {c.in(0)}));
  XPUQ_ASSIGN(const ValueId gate, c.step(OpKind::tanh, {plus}));
  return c.result(OpKind::mul, {c.in(0), gate});
}

Result<Outputs> swish(Call& c) {
  const double alpha = c.float_or("alpha", 1);
  if (alpha == 1) return c.result(OpKind::silu, {c.in(0)});
  XPUQ_ASSIGN(const ValueId scaled, c.step(OpKind::mul, {c.in(0), c.scalar(c.dtype(0), alpha)}));
  XPUQ_ASSIGN(const ValueId gate, c.step(OpKind::sigmoid, {scaled}));
  return c.result(OpKind::mul, {c.in(0), gate});
}

Result<Outputs> softsign(Call& c) {
  XPUQ_ASSIGN(const ValueId size, c.step(OpKind::abs, {c.in(0)}));
  XPUQ_ASSIGN(const ValueId divisor, c.step(OpKind::add, {size, c.scalar(c.dtype(0), 1)}));
  return c.result(OpKind::div, {c.in(0), divisor});
}

// x < -lambd ? x + bias : x > lambd ? x - bias : 0
Result<Outputs> shrink(Call& c) {
  if (!is_real(c)) return c.problem("the input has the wrong type", std::string(to_string(c.dtype(0))), "FLOAT");
  const double edge = c.float_or("lambd", 0.5f);
  const ValueId bias = c.scalar(c.dtype(0), c.float_or("bias", 0));
  XPUQ_ASSIGN(const ValueId below, c.step(OpKind::less, {c.in(0), c.scalar(c.dtype(0), -edge)}));
  XPUQ_ASSIGN(const ValueId above, c.step(OpKind::greater, {c.in(0), c.scalar(c.dtype(0), edge)}));
  XPUQ_ASSIGN(const ValueId raised, c.step(OpKind::add, {c.in(0), bias}));
  XPUQ_ASSIGN(const ValueId lowered, c.step(OpKind::sub, {c.in(0), bias}));
  XPUQ_ASSIGN(const ValueId right, c.step(OpKind::where, {above, lowered, c.scalar(c.dtype(0), 0)}));
  return c.result(OpKind::where, {below, raised, right});
}

Result<Outputs> thresholded_relu(Call& c) {
  XPUQ_ASSIGN(const ValueId above, c.step(OpKind::greater, {c.in(0), c.scalar(c.dtype(0), c.float_or("alpha", 1))}));
  return c.result(OpKind::where, {above, c.in(0), c.scalar(c.dtype(0), 0)});
}

}  // namespace xpuq::onnx_import
