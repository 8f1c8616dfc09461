#include "import/onnx/quantization.h"

#include <algorithm>
#include <cmath>

namespace xpuq::onnx_import {
namespace {

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

bool is_byte(DataType dtype) { return dtype == DataType::s8 || dtype == DataType::u8; }

bool is_symmetric(const QuantParams& q) {
  return std::all_of(q.zero_points.begin(), q.zero_points.end(), [](std::int32_t zero) { return zero == 0; });
}

Attributes attributes_of(const QuantParams& q) {
  Attributes a{{"scales", Floats(q.scales.begin(), q.scales.end())},
               {"zero_points", Ints(q.zero_points.begin(), q.zero_points.end())}};
  if (q.axis) a.set("axis", std::int64_t{*q.axis});
  return a;
}

/// A list of parameters as a constant that broadcasts to `rank` axes.
Result<ValueId> parameter_list(const Call& c, const std::vector<float>& values, const QuantParams& q,
                               std::int64_t rank) {
  const auto count = static_cast<std::int64_t>(values.size());
  const ValueId v = c.builder.constant(c.names[0] + "/parameters", Tensor::of<float>(DataType::f32, {count}, values));
  return along_axis(c, v, q.axis.value_or(0), rank);
}

/// s8 codes of a constant by division, as ONNX defines them. The kernels multiply by the reciprocal (as PyTorch does),
/// which near the middle between two codes may give the other one.
Result<ValueId> divided_codes(const Call& c, ValueId v, const QuantParams& q) {
  const auto rank = static_cast<std::int64_t>(c.builder.shape(v).size());
  XPUQ_ASSIGN(const ValueId scale, parameter_list(c, q.scales, q, rank));
  XPUQ_ASSIGN(const ValueId zero, parameter_list(c, {q.zero_points.begin(), q.zero_points.end()}, q, rank));
  XPUQ_ASSIGN(const ValueId steps, c.step(OpKind::div, {v, scale}));
  XPUQ_ASSIGN(const ValueId whole, c.step(OpKind::round, {steps}));
  XPUQ_ASSIGN(const ValueId moved, c.step(OpKind::add, {whole, zero}));
  return c.step(OpKind::cast, {moved}, {{"to", "s8"}});  // saturates
}

/// Plain f32 arithmetic, for integers that no int8 kernel would take (s32 biases, weights that are not symmetric).
Result<ValueId> in_floats(const Call& c, ValueId codes, const Scheme& s, bool whole) {
  const auto rank = static_cast<std::int64_t>(c.builder.shape(codes).size());
  XPUQ_ASSIGN(ValueId v, c.cast(codes, DataType::f32));
  if (!is_symmetric(s.params)) {
    const std::vector<float> offsets(s.params.zero_points.begin(), s.params.zero_points.end());
    XPUQ_ASSIGN(const ValueId zero, parameter_list(c, offsets, s.params, rank));
    XPUQ_ASSIGN(v, c.step(OpKind::sub, {v, zero}));
  }
  XPUQ_ASSIGN(const ValueId scale, parameter_list(c, s.params.scales, s.params, rank));
  return whole ? c.emit(OpKind::mul, {v, scale}) : c.step(OpKind::mul, {v, scale});
}

}  // namespace

bool constant_scheme(const Call& c, std::size_t scale) {
  return c.builder.constant_of(c.in(scale)) && (!c.has(scale + 1) || c.builder.constant_of(c.in(scale + 1)));
}

Result<Scheme> read_scheme(const Call& c, const Shape& shape, std::size_t scale, DataType fallback, std::int64_t axis) {
  Scheme s{{}, fallback};
  const Tensor* scales = c.builder.constant_of(c.in(scale));
  if (!scales)
    return c.problem("the scale is not constant",
                     "'" + c.builder.name(c.in(scale)) + "', which is computed at run time", "a constant");
  if (scales->dtype() != DataType::f32)
    return c.problem("the scale has the wrong type", std::string(to_string(scales->dtype())), "f32");
  for (float v : scales->span<float>()) {
    if (!(v > 0) || !std::isfinite(v))
      return c.problem("a scale is not positive and finite", std::to_string(v), "a positive number");
    s.params.scales.push_back(v);
  }
  Ints zero_points(s.params.scales.size(), 0);
  if (c.has(scale + 1)) {
    const Tensor* z = c.builder.constant_of(c.in(scale + 1));
    if (!z)
      return c.problem("the zero point is not constant", "'" + c.builder.name(c.in(scale + 1)) + "'", "a constant");
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
    XPUQ_ASSIGN(const std::int64_t at, c.axis(axis, static_cast<std::int64_t>(shape.size())));
    const std::int64_t channels = shape[static_cast<std::size_t>(at)];
    if (scales->shape() != Shape{channels})
      return c.problem("the scale has the wrong shape", to_string(scales->shape()),
                       "one, or " + std::to_string(channels));
    s.params.axis = static_cast<int>(at);
  }
  return s;
}

QuantParams as_s8(const Scheme& s) {
  QuantParams out = s.params;
  if (s.type == DataType::u8)
    for (std::int32_t& z : out.zero_points) z -= 128;
  return out;
}

Result<ValueId> along_axis(const Call& c, ValueId values, std::int64_t axis, std::int64_t rank) {
  const std::int64_t count = c.builder.type(values).elements();
  Shape shape;
  if (count != 1) {
    shape.assign(static_cast<std::size_t>(rank), 1);
    shape[static_cast<std::size_t>(axis)] = count;
  }
  if (c.builder.shape(values) == shape) return values;
  return c.reshaped(values, shape);
}

Result<ValueId> dequantized(Call& c, std::size_t value, const Scheme& s, bool whole) {
  ValueId v = c.in(value);
  const QuantParams q = as_s8(s);
  const auto& quant = c.builder.type(v).quant;
  const bool constant = c.builder.constant_of(v) != nullptr;
  // Weights with a zero point for each channel: no kernel takes those.
  const bool arithmetic = constant && q.axis && !is_symmetric(q);
  // Other parameters than the codes were made with are legal: codes are only numbers to ONNX.
  if (quant && (*quant != q || c.session.code_type(v) != s.type || arithmetic)) {
    XPUQ_ASSIGN(v, as_numbers(c.session, v, c.names[0] + "/codes", c.origin));
  }
  if (!c.builder.type(v).quant) {
    const DataType dtype = c.builder.type(v).dtype;
    if (!is_byte(dtype) && dtype != DataType::s32 && dtype != DataType::s16)
      return c.problem("codes of this type are not supported", std::string(to_string(dtype)), "INT8, UINT8 or INT32");
    if (s.type != dtype)
      return c.problem("codes and zero point differ in type", std::string(to_string(s.type)),
                       std::string(to_string(dtype)));
    if (!is_byte(dtype) || arithmetic) return in_floats(c, v, s, whole);
    XPUQ_ASSIGN(v, c.session.emit(OpKind::from_codes, {v}, attributes_of(q), c.builder.name(v), c.origin));
    c.session.remember_codes(v, s.type);
  }
  const Attributes to{{"to", "f32"}};
  XPUQ_ASSIGN(const ValueId out,
              whole ? c.emit(OpKind::dequantize, {v}, to) : c.step(OpKind::dequantize, {v}, to));
  if (c.builder.constant_of(v)) c.session.remember_weight(out, v);
  return out;
}

Result<Outputs> quantized(Call& c, ValueId real, const Scheme& s) {
  if (!is_byte(s.type))
    return c.problem("codes of this type are not supported", std::string(to_string(s.type)), "INT8 or UINT8");
  XPUQ_ASSIGN(const ValueId v, c.cast(real, DataType::f32));
  const QuantParams q = as_s8(s);
  ValueId out = ValueId::none;
  if (c.builder.constant_of(v)) {
    XPUQ_ASSIGN(const ValueId codes, divided_codes(c, v, q));
    XPUQ_ASSIGN(out, c.emit(OpKind::from_codes, {codes}, attributes_of(q)));
  } else {
    XPUQ_ASSIGN(out, c.emit(OpKind::quantize, {v}, attributes_of(q).set("type", "s8")));
  }
  c.session.remember_codes(out, s.type);
  return Outputs{out};
}

Result<ValueId> as_numbers(Session& session, ValueId v, const std::string& name, const std::string& origin) {
  if (!session.builder.type(v).quant) return v;
  return session.emit(OpKind::to_codes, {v}, {{"to", std::string(to_string(session.code_type(v)))}}, name, origin);
}

}  // namespace xpuq::onnx_import
