// QuantizeLinear and DequantizeLinear. Quantized values are s8 in the graph: codes and zero points of u8 move by 128.
#include <algorithm>
#include <cmath>

#include "import/onnx/operators.h"

namespace xpuq::onnx_import {
namespace {

struct Scheme {
  QuantParams params;  ///< zero points as the file has them
  DataType type = DataType::u8;
};

template <class T>
Ints widened(const Tensor& t) {
  const auto values = t.span<T>();
  return {values.begin(), values.end()};
}

/// Empty for other types than those of zero points.
Ints integers(const Tensor& t) {
  switch (t.dtype()) {
    case DataType::u8: return widened<std::uint8_t>(t);
    case DataType::s8: return widened<std::int8_t>(t);
    case DataType::s16: return widened<std::int16_t>(t);
    case DataType::s32: return widened<std::int32_t>(t);
    default: return {};
  }
}

/// The parameters of one node. `shape` is that of the value; a single scale is per tensor whatever the axis says.
Result<Scheme> read_scheme(const Call& c, DataType fallback) {
  if (c.int_or("block_size", 0) != 0)
    return c.problem("quantization in blocks is not supported",
                     "block_size " + std::to_string(c.int_or("block_size", 0)), "0");
  Scheme s{{}, fallback};
  const Tensor* scales = c.builder.constant_of(c.in(1));
  if (!scales)
    return c.problem("the scale is not constant", "'" + c.builder.name(c.in(1)) + "', which is computed at run time",
                     "a constant");
  if (scales->dtype() != DataType::f32)
    return c.problem("the scale has the wrong type", std::string(to_string(scales->dtype())), "f32");
  for (float v : scales->span<float>()) {
    if (!(v > 0) || !std::isfinite(v))
      return c.problem("a scale is not positive and finite", std::to_string(v), "a positive number");
    s.params.scales.push_back(v);
  }
  Ints zero_points(s.params.scales.size(), 0);
  if (c.has(2)) {
    const Tensor* z = c.builder.constant_of(c.in(2));
    if (!z) return c.problem("the zero point is not constant", "'" + c.builder.name(c.in(2)) + "'", "a constant");
    s.type = z->dtype();
    if (z->elements() != scales->elements())
      return c.problem("scale and zero point differ in shape", to_string(z->shape()), to_string(scales->shape()));
    zero_points = integers(*z);
    if (zero_points.empty() && z->elements() > 0)
      return c.problem("the zero point has the wrong type", std::string(to_string(s.type)),
                       "INT8, UINT8, INT16 or INT32");
  }
  s.params.zero_points.assign(zero_points.begin(), zero_points.end());
  if (s.params.scales.size() != 1) {
    XPUQ_ASSIGN(const std::int64_t axis, c.axis(c.int_or("axis", 1), c.rank(0)));
    const std::int64_t channels = c.shape(0)[static_cast<std::size_t>(axis)];
    if (scales->shape() != Shape{channels})
      return c.problem("the scale has the wrong shape", to_string(scales->shape()),
                       "one, or " + std::to_string(channels));
    s.params.axis = static_cast<int>(axis);
  }
  return s;
}

/// Parameters of the s8 codes that stand for the same numbers.
QuantParams as_s8(const Scheme& s) {
  QuantParams out = s.params;
  if (s.type == DataType::u8)
    for (std::int32_t& z : out.zero_points) z -= 128;
  return out;
}

/// Weights with one scale per channel are symmetric; no kernel takes other ones.
Result<void> check_weight(const Call& c, const QuantParams& q) {
  const bool symmetric =
      std::all_of(q.zero_points.begin(), q.zero_points.end(), [](std::int32_t zero) { return zero == 0; });
  if (!q.axis || symmetric) return {};
  return c.problem("weights with one scale per channel must be symmetric", "a zero point that is not 0",
                   "zero point 0 (128 for UINT8)");
}

Tensor codes_as_s8(const Tensor& codes) {
  if (codes.dtype() == DataType::s8) return codes;
  Tensor out(DataType::s8, codes.shape());
  const auto from = codes.span<std::uint8_t>();
  std::transform(from.begin(), from.end(), out.data<std::int8_t>(),
                 [](std::uint8_t q) { return static_cast<std::int8_t>(q - 128); });
  return out;
}

/// A list along `axis` in a shape that broadcasts to `rank` axes.
Result<ValueId> along_axis(const Call& c, Tensor values, const QuantParams& params, std::int64_t rank) {
  Shape shape;
  if (params.axis) {
    shape.assign(static_cast<std::size_t>(rank), 1);
    shape[static_cast<std::size_t>(*params.axis)] = static_cast<std::int64_t>(params.scales.size());
  }
  return c.builder.constant(c.names[0] + "/parameters", values.reshaped(shape));
}

/// (x - zero_point) * scale in plain f32 arithmetic: for integers that no int8 kernel would take (s32 biases, codes
/// that come in as graph inputs).
Result<Outputs> in_floats(const Call& c, const Scheme& s) {
  const auto count = static_cast<std::int64_t>(s.params.scales.size());
  XPUQ_ASSIGN(ValueId v, c.cast(c.in(0), DataType::f32));
  if (std::any_of(s.params.zero_points.begin(), s.params.zero_points.end(), [](std::int32_t z) { return z != 0; })) {
    const std::vector<float> offsets(s.params.zero_points.begin(), s.params.zero_points.end());
    XPUQ_ASSIGN(const ValueId zero,
                along_axis(c, Tensor::of<float>(DataType::f32, {count}, offsets), s.params, c.rank(0)));
    XPUQ_ASSIGN(v, c.step(OpKind::sub, {v, zero}));
  }
  XPUQ_ASSIGN(const ValueId scale,
              along_axis(c, Tensor::of<float>(DataType::f32, {count}, s.params.scales), s.params, c.rank(0)));
  return c.result(OpKind::mul, {v, scale});
}

}  // namespace

Result<Outputs> quantize_linear(Call& c) {
  const std::int64_t said = c.int_or("output_dtype", 0);  // opset 21; the numbers of TensorProto
  XPUQ_ASSIGN(const Scheme s, read_scheme(c, said == onnx::TensorProto::INT8 ? DataType::s8 : DataType::u8));
  const bool other = said != 0 && said != onnx::TensorProto::INT8 && said != onnx::TensorProto::UINT8;
  if (other || (s.type != DataType::s8 && s.type != DataType::u8))
    return c.problem("codes of this type are not supported",
                     other ? "type " + std::to_string(said) : std::string(to_string(s.type)), "INT8 or UINT8");
  if (c.int_or("precision", 0) != 0 && c.int_or("precision", 0) != 1)
    return c.problem("attribute 'precision' is not supported", std::to_string(c.int_or("precision", 0)), "FLOAT");
  if (s.params.axis && !c.builder.constant_of(c.in(0)))
    return c.problem("one scale per channel is supported for constants only",
                     std::to_string(s.params.scales.size()) + " scales", "one scale");
  const QuantParams q = as_s8(s);
  XPUQ_TRY(check_weight(c, q));
  Attributes how{{"scales", Floats(q.scales.begin(), q.scales.end())},
                 {"zero_points", Ints(q.zero_points.begin(), q.zero_points.end())},
                 {"type", "s8"}};
  if (q.axis) how.set("axis", std::int64_t{*q.axis});
  return c.result(OpKind::quantize, {c.in(0)}, std::move(how));
}

Result<Outputs> dequantize_linear(Call& c) {
  const TensorType type = c.builder.type(c.in(0));
  XPUQ_ASSIGN(const Scheme s, read_scheme(c, type.quant ? DataType::s8 : type.dtype));
  const bool to_f32 = c.int_or("output_dtype", onnx::TensorProto::FLOAT) == onnx::TensorProto::FLOAT ||
                      c.int_or("output_dtype", 0) == 0;
  if (!to_f32) c.session.note_narrowing("other than FLOAT");

  if (type.quant) {
    // Without a zero point the type of the codes is not said again; 0 of u8 codes is -128 here.
    QuantParams q = as_s8(s);
    if (!c.has(2) && *type.quant == as_s8({s.params, DataType::u8})) q = *type.quant;
    if (*type.quant != q)
      return c.problem("scale or zero point differ from those of QuantizeLinear",
                       "scale " + std::to_string(q.scales[0]) + ", zero point " + std::to_string(q.zero_points[0]),
                       "scale " + std::to_string(type.quant->scales[0]) + ", zero point " +
                           std::to_string(type.quant->zero_points[0]) + " (codes counted as s8)");
    XPUQ_ASSIGN(const ValueId out, c.emit(OpKind::dequantize, {c.in(0)}, {{"to", "f32"}}));
    if (c.builder.constant_of(c.in(0))) c.session.remember_weight(out, c.in(0));
    return Outputs{out};
  }
  const bool is_code = type.dtype == DataType::s8 || type.dtype == DataType::u8;
  if (!is_code && type.dtype != DataType::s32 && type.dtype != DataType::s16)
    return c.problem("codes of this type are not supported", std::string(to_string(type.dtype)),
                     "INT8, UINT8 or INT32");
  if (s.type != type.dtype)
    return c.problem("codes and zero point differ in type", std::string(to_string(s.type)),
                     std::string(to_string(type.dtype)));

  const Tensor* codes = c.builder.constant_of(c.in(0));
  if (!codes || !is_code) return in_floats(c, s);
  const QuantParams q = as_s8(s);
  XPUQ_TRY(check_weight(c, q));
  const ValueId weight = c.builder.constant(c.builder.name(c.in(0)), codes_as_s8(*codes), q);
  XPUQ_ASSIGN(const ValueId out, c.emit(OpKind::dequantize, {weight}, {{"to", "f32"}}));
  c.session.remember_weight(out, weight);
  return Outputs{out};
}

}  // namespace xpuq::onnx_import
