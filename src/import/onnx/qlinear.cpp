// Operators that compute on codes with stated parameters: dequantize, the float operator, quantize. Fusion makes int8
// steps of them where a kernel takes the parameters.
#include "import/onnx/linear.h"
#include "import/onnx/operators.h"
#include "import/onnx/quantization.h"
#include "import/onnx/window.h"

namespace xpuq::onnx_import {
namespace {

DataType code_type(const Call& c, std::size_t i) {
  return c.builder.type(c.in(i)).quant ? c.session.code_type(c.in(i)) : c.dtype(i);
}

/// The real numbers behind input `value`, whose scale and zero point are the two inputs after it.
Result<ValueId> operand(Call& c, std::size_t value, std::int64_t axis) {
  XPUQ_ASSIGN(const Scheme s, read_scheme(c, c.shape(value), value + 1, code_type(c, value), axis));
  return dequantized(c, value, s, false);
}

/// Output 0 with scale and zero point from two inputs.
Result<Outputs> outcome(Call& c, ValueId real, std::size_t scale) {
  XPUQ_ASSIGN(const Scheme s, read_scheme(c, c.builder.shape(real), scale, DataType::u8, 1));
  if (s.params.axis) return c.problem("the result has several scales", std::to_string(s.params.scales.size()), "one");
  return quantized(c, real, s);
}

/// An s32 bias counts in steps of src scale times weight scale.
Result<ValueId> real_bias(Call& c, std::size_t i, std::int64_t channels, std::int64_t axis) {
  XPUQ_ASSIGN(const Scheme src, read_scheme(c, c.shape(0), 1, DataType::u8, 1));
  XPUQ_ASSIGN(const Scheme wei, read_scheme(c, c.shape(3), 4, DataType::u8, axis));
  if (src.params.axis)
    return c.problem("input 0 has several scales", std::to_string(src.params.scales.size()), "one scale");
  const Tensor* steps = c.builder.constant_of(c.in(i));
  if (!steps || steps->dtype() != DataType::s32 || steps->shape() != Shape{channels})
    return c.problem("the bias is not supported", c.builder.name(c.in(i)),
                     "a constant of " + std::to_string(channels) + " INT32");
  std::vector<float> values;
  for (std::size_t k = 0; k < static_cast<std::size_t>(channels); ++k) {
    const float step = src.params.scales[0] * wei.params.scales[wei.params.axis ? k : 0];
    values.push_back(static_cast<float>(steps->span<std::int32_t>()[k]) * step);
  }
  return c.builder.constant(c.builder.name(c.in(i)), Tensor::of<float>(DataType::f32, {channels}, values));
}

}  // namespace

Result<Outputs> qlinear_conv(Call& c) {
  XPUQ_ASSIGN(Attributes how, conv_attributes(c, 0, 3));
  XPUQ_ASSIGN(const ValueId src, operand(c, 0, 1));
  XPUQ_ASSIGN(const ValueId wei, operand(c, 3, 0));
  std::vector<ValueId> inputs{src, wei};
  if (c.has(8)) {
    XPUQ_ASSIGN(const ValueId bias, real_bias(c, 8, c.shape(3)[0], 0));
    inputs.push_back(bias);
  }
  XPUQ_ASSIGN(const ValueId real, c.step(OpKind::conv, std::move(inputs), std::move(how)));
  return outcome(c, real, 6);
}

// Scales of a row of A or a column of B are allowed; only those of B, when constant, have a kernel.
Result<Outputs> qlinear_matmul(Call& c) {
  XPUQ_ASSIGN(const ValueId a, operand(c, 0, -2));
  XPUQ_ASSIGN(const ValueId b, operand(c, 3, -1));
  XPUQ_ASSIGN(const ValueId real, product(c, a, b, false));
  return outcome(c, real, 6);
}

// com.microsoft. alpha * A * B' + C; without y_scale the result stays real.
Result<Outputs> qlinear_gemm(Call& c) {
  XPUQ_ASSIGN(const bool trans_a, c.flag("transA", false));
  XPUQ_ASSIGN(const bool trans_b, c.flag("transB", false));
  if (trans_a || c.float_or("alpha", 1) != 1)
    return c.problem("transA and alpha are not supported", "alpha " + std::to_string(c.float_or("alpha", 1)), "1");
  if (c.rank(0) != 2 || c.rank(3) != 2)
    return c.problem("inputs have the wrong rank", to_string(c.shape(0)) + " and " + to_string(c.shape(3)),
                     "two matrices");
  const std::int64_t axis = trans_b ? 0 : 1;
  XPUQ_ASSIGN(const ValueId a, operand(c, 0, 0));
  XPUQ_ASSIGN(const ValueId b, operand(c, 3, axis));
  XPUQ_ASSIGN(ValueId real, trans_b ? c.step(OpKind::linear, {a, b}) : product(c, a, b, false));
  if (c.has(6)) {
    XPUQ_ASSIGN(const ValueId bias, real_bias(c, 6, c.shape(3)[static_cast<std::size_t>(axis)], axis));
    XPUQ_ASSIGN(real, c.step(OpKind::add, {real, bias}));
  }
  if (!c.has(7)) return Outputs{real};
  return outcome(c, real, 7);
}

// com.microsoft: what ONNX Runtime writes in its QOperator format besides.
Result<Outputs> qlinear_binary(Call& c) {
  XPUQ_ASSIGN(const ValueId a, operand(c, 0, 1));
  XPUQ_ASSIGN(const ValueId b, operand(c, 3, 1));
  XPUQ_ASSIGN(const ValueId real, c.step(c.op.kind, {a, b}));
  return outcome(c, real, 6);
}

Result<Outputs> qlinear_unary(Call& c) {
  XPUQ_ASSIGN(const ValueId src, operand(c, 0, 1));
  Attributes how;
  if (c.op.kind == OpKind::leaky_relu) how.set("alpha", c.float_or("alpha", 0.01f));
  XPUQ_ASSIGN(const ValueId real, c.step(c.op.kind, {src}, std::move(how)));
  return outcome(c, real, 3);
}

Result<Outputs> qlinear_average_pool(Call& c) {
  if (c.int_or("channels_last", 0) != 0) return c.problem("channels last is not supported", "1", "0");
  XPUQ_ASSIGN(Attributes how, average_pool_attributes(c));
  XPUQ_ASSIGN(const ValueId src, operand(c, 0, 1));
  XPUQ_ASSIGN(const ValueId real, c.step(OpKind::avg_pool, {src}, std::move(how)));
  return outcome(c, real, 3);
}

Result<Outputs> qlinear_global_average_pool(Call& c) {
  if (c.int_or("channels_last", 0) != 0) return c.problem("channels last is not supported", "1", "0");
  const Shape shape = c.shape(0);
  if (shape.size() < 3) return c.problem("input 0 has no spatial axes", to_string(shape), "rank 3 or more");
  XPUQ_ASSIGN(const ValueId src, operand(c, 0, 1));
  XPUQ_ASSIGN(const ValueId real,
              c.step(OpKind::adaptive_avg_pool, {src}, {{"output_size", Ints(shape.size() - 2, 1)}}));
  return outcome(c, real, 3);
}

// `opset` says which Softmax it was; before 13 that counted the input as a matrix.
Result<Outputs> qlinear_softmax(Call& c) {
  if (c.int_or("opset", 13) < 13)
    return c.problem("attribute 'opset' is not supported", std::to_string(c.int_or("opset", 13)), "13 or newer");
  XPUQ_ASSIGN(const std::int64_t axis, c.axis(c.int_or("axis", -1), c.rank(0)));
  XPUQ_ASSIGN(const ValueId src, operand(c, 0, 1));
  XPUQ_ASSIGN(const ValueId real, c.step(OpKind::softmax, {src}, {{"axis", axis}}));
  return outcome(c, real, 3);
}

// y_scale, y_zero_point, then value, scale and zero point of each input.
Result<Outputs> qlinear_concat(Call& c) {
  if (c.inputs.size() < 5 || c.inputs.size() % 3 != 2)
    return c.problem("has a wrong number of inputs", std::to_string(c.inputs.size()), "2, and 3 for each part");
  std::vector<ValueId> parts;
  for (std::size_t i = 2; i < c.inputs.size(); i += 3) {
    if (!c.has(i) || !c.has(i + 1)) return c.problem("input " + std::to_string(i) + " is missing");
    XPUQ_ASSIGN(const ValueId part, operand(c, i, 1));
    parts.push_back(part);
  }
  const auto rank = static_cast<std::int64_t>(c.builder.shape(parts[0]).size());
  XPUQ_ASSIGN(const std::int64_t axis, c.axis(c.int_or("axis", 0), rank));
  XPUQ_ASSIGN(const ValueId real, c.step(OpKind::concat, parts, {{"axis", axis}}));
  return outcome(c, real, 0);
}

}  // namespace xpuq::onnx_import
