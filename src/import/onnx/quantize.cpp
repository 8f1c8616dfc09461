// QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear. Quantized values are s8 in the graph: codes and zero points
// of u8 move by 128. Scales that are known only at run time become plain arithmetic.
#include "import/onnx/operators.h"
#include "import/onnx/quantization.h"

namespace xpuq::onnx_import {
namespace {

Result<void> check_blocks(const Call& c) {
  if (c.int_or("block_size", 0) == 0) return {};
  return c.problem("quantization in blocks is not supported",
                   "block_size " + std::to_string(c.int_or("block_size", 0)), "0");
}

/// Input `i` (a scale or zero point) as f32 along the axis of the node; it belongs to input 0.
Result<ValueId> parameter(const Call& c, std::size_t i) {
  XPUQ_ASSIGN(const ValueId real, c.cast(c.in(i), DataType::f32));
  const std::int64_t count = c.builder.type(real).elements();
  std::int64_t axis = 0;
  if (count != 1) {
    XPUQ_ASSIGN(axis, c.axis(c.int_or("axis", 1), c.rank(0)));
    if (c.shape(i) != Shape{c.shape(0)[static_cast<std::size_t>(axis)]})
      return c.problem("the scale has the wrong shape", to_string(c.shape(i)), "one, or one for each channel");
  }
  return along_axis(c, real, axis, c.rank(0));
}

/// clamp(rne(x / scale) + zero_point); a cast saturates.
Result<Outputs> quantize_at_run_time(Call& c, DataType type) {
  XPUQ_ASSIGN(const ValueId scale, parameter(c, 1));
  XPUQ_ASSIGN(const ValueId x, c.cast(c.in(0), DataType::f32));
  XPUQ_ASSIGN(const ValueId steps, c.step(OpKind::div, {x, scale}));
  XPUQ_ASSIGN(ValueId codes, c.step(OpKind::round, {steps}));
  if (c.has(2)) {
    XPUQ_ASSIGN(const ValueId zero, parameter(c, 2));
    XPUQ_ASSIGN(codes, c.step(OpKind::add, {codes, zero}));
  }
  return c.result(OpKind::cast, {codes}, {{"to", std::string(to_string(type))}});
}

Result<Outputs> dequantize_at_run_time(Call& c) {
  XPUQ_ASSIGN(const ValueId codes, as_numbers(c.session, c.in(0), c.names[0] + "/codes", c.origin));
  XPUQ_ASSIGN(ValueId v, c.cast(codes, DataType::f32));
  if (c.has(2)) {
    XPUQ_ASSIGN(const ValueId zero, parameter(c, 2));
    XPUQ_ASSIGN(v, c.step(OpKind::sub, {v, zero}));
  }
  XPUQ_ASSIGN(const ValueId scale, parameter(c, 1));
  return c.result(OpKind::mul, {v, scale});
}

}  // namespace

Result<Outputs> quantize_linear(Call& c) {
  XPUQ_TRY(check_blocks(c));
  const std::int64_t said = c.int_or("output_dtype", 0);  // opset 21; the numbers of TensorProto
  const DataType type = c.has(2) ? c.dtype(2) : said == onnx::TensorProto::INT8 ? DataType::s8 : DataType::u8;
  const bool other = said != 0 && said != onnx::TensorProto::INT8 && said != onnx::TensorProto::UINT8;
  if (other || (type != DataType::s8 && type != DataType::u8))
    return c.problem("codes of this type are not supported",
                     other ? "type " + std::to_string(said) : std::string(to_string(type)), "INT8 or UINT8");
  if (c.int_or("precision", 0) != 0 && c.int_or("precision", 0) != 1)
    return c.problem("attribute 'precision' is not supported", std::to_string(c.int_or("precision", 0)), "FLOAT");
  if (!constant_scheme(c, 1)) return quantize_at_run_time(c, type);
  XPUQ_ASSIGN(const Scheme s, read_scheme(c, c.shape(0), 1, type, c.int_or("axis", 1)));
  return quantized(c, c.in(0), s);
}

Result<Outputs> dequantize_linear(Call& c) {
  XPUQ_TRY(check_blocks(c));
  const std::int64_t said = c.int_or("output_dtype", onnx::TensorProto::FLOAT);
  if (said != onnx::TensorProto::FLOAT && said != 0) c.session.note_narrowing("other than FLOAT");
  if (!constant_scheme(c, 1)) return dequantize_at_run_time(c);
  // Without a zero point the type of the codes is not said again.
  const TensorType& type = c.builder.type(c.in(0));
  const DataType codes = type.quant ? c.session.code_type(c.in(0)) : type.dtype;
  XPUQ_ASSIGN(const Scheme s, read_scheme(c, c.shape(0), 1, codes, c.int_or("axis", 1)));
  XPUQ_ASSIGN(const ValueId out, dequantized(c, 0, s, true));
  return Outputs{out};
}

// scale = (max(x, 0) - min(x, 0)) / 255, zero_point = rne(-min / scale), both u8 and at run time. A tensor of zeros has
// scale 1, as ONNX Runtime has it (the formula divides by 0).
Result<Outputs> dynamic_quantize_linear(Call& c) {
  const Shape shape = c.shape(0);
  if (c.dtype(0) != DataType::f32)
    return c.problem("the input has the wrong type", std::string(to_string(c.dtype(0))), "FLOAT");
  const ValueId zero = c.builder.scalar(0);
  ValueId low = c.in(0);
  ValueId high = c.in(0);
  if (!shape.empty()) {
    Ints axes;
    for (std::int64_t i = 0; i < c.rank(0); ++i) axes.push_back(i);
    const Attributes all{{"axes", axes}, {"keepdims", 0}};
    XPUQ_ASSIGN(low, c.step(OpKind::reduce_min, {c.in(0)}, all));
    XPUQ_ASSIGN(high, c.step(OpKind::reduce_max, {c.in(0)}, all));
  }
  XPUQ_ASSIGN(low, c.step(OpKind::minimum, {low, zero}));
  XPUQ_ASSIGN(high, c.step(OpKind::maximum, {high, zero}));
  XPUQ_ASSIGN(const ValueId extent, c.step(OpKind::sub, {high, low}));
  XPUQ_ASSIGN(const ValueId step, c.step(OpKind::div, {extent, c.builder.scalar(255)}));
  XPUQ_ASSIGN(const ValueId none, c.step(OpKind::equal, {step, zero}));
  XPUQ_ASSIGN(const ValueId scale, c.emit(OpKind::where, {none, c.builder.scalar(1), step}, {}, 1));

  XPUQ_ASSIGN(const ValueId below, c.step(OpKind::sub, {zero, low}));
  XPUQ_ASSIGN(const ValueId place, c.step(OpKind::div, {below, scale}));
  XPUQ_ASSIGN(const ValueId rounded, c.step(OpKind::round, {place}));
  const Attributes to_u8{{"to", "u8"}};
  XPUQ_ASSIGN(const ValueId zero_point, c.emit(OpKind::cast, {rounded}, to_u8, 2));

  XPUQ_ASSIGN(const ValueId steps, c.step(OpKind::div, {c.in(0), scale}));
  XPUQ_ASSIGN(const ValueId nearest, c.step(OpKind::round, {steps}));
  XPUQ_ASSIGN(const ValueId moved, c.step(OpKind::add, {nearest, rounded}));
  XPUQ_ASSIGN(const ValueId codes, c.emit(OpKind::cast, {moved}, to_u8, 0));
  return Outputs{codes, scale, zero_point};
}

}  // namespace xpuq::onnx_import
