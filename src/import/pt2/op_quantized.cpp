// Q/DQ nodes of an already converted program (quantized_decomposed.*). Their parameters are kept as they are; quantized
// values are s8 in the graph, so codes and zero points of u8 move by 128.
#include <algorithm>
#include <cmath>

#include "import/pt2/operators.h"

namespace xpuq::pt2::import_op {
namespace {

/// The 8-bit type, when quant_min and quant_max are its whole range (or, for weights, -127..127).
Result<DataType> code_type(Call& c, bool stored) {
  XPUQ_ASSIGN(const DataType type, c.element_type("dtype", DataType::s8));
  XPUQ_ASSIGN(const std::int64_t low, c.integer("quant_min"));
  XPUQ_ASSIGN(const std::int64_t high, c.integer("quant_max"));
  const bool full =
      (type == DataType::s8 && low == -128 && high == 127) || (type == DataType::u8 && low == 0 && high == 255);
  // Stored codes are what they are; only a quantize at run time would have to clamp to a narrower range.
  const bool narrow = stored && (type == DataType::s8 || type == DataType::u8);
  if (full || narrow) return type;
  return c.unsupported("has codes " + std::to_string(low) + ".." + std::to_string(high) + " of " +
                       std::string(to_string(type)));
}

/// A number, or a constant tensor with one element (the .tensor overload).
Result<double> parameter(Call& c, std::string_view name) {
  XPUQ_ASSIGN(const Term t, c.term(name));
  const auto* v = std::get_if<ValueId>(&t);
  if (!v) return c.real(name);
  if (const auto number = c.builder.number_of(*v)) return *number;
  return c.unsupported("has a " + std::string(name) + " that is not constant");
}

Result<QuantParams> tensor_parameters(Call& c) {
  XPUQ_ASSIGN(const double scale, parameter(c, "scale"));
  XPUQ_ASSIGN(const double zero_point, parameter(c, "zero_point"));
  if (!(std::fabs(zero_point) < 1e6)) return c.problem("has zero point " + std::to_string(zero_point));
  return QuantParams{{static_cast<float>(scale)}, {static_cast<std::int32_t>(zero_point)}, {}};
}

Result<QuantParams> channel_parameters(Call& c, std::size_t rank) {
  QuantParams q;
  XPUQ_ASSIGN(const std::size_t axis, c.axis("axis", rank));
  q.axis = static_cast<int>(axis);
  XPUQ_ASSIGN(const ValueId scales, c.tensor("scales"));
  const Tensor* s = c.builder.constant_of(scales);
  if (!s || s->dtype() != DataType::f32) return c.unsupported("has scales that are not constant floats");
  q.scales.assign(s->span<float>().begin(), s->span<float>().end());
  q.zero_points.assign(q.scales.size(), 0);
  if (!c.given("zero_points")) return q;
  XPUQ_ASSIGN(const ValueId points, c.tensor("zero_points"));
  XPUQ_ASSIGN(const ValueId whole, c.cast(points, DataType::s64));
  const auto list = c.builder.ints_of(whole);
  if (!list || list->size() != q.scales.size())
    return c.unsupported("has zero points that are not constants of the count of its scales");
  for (std::size_t i = 0; i < list->size(); ++i) {
    if ((*list)[i] < -1'000'000 || (*list)[i] > 1'000'000)
      return c.problem("has zero point " + std::to_string((*list)[i]));
    q.zero_points[i] = static_cast<std::int32_t>((*list)[i]);
  }
  return q;
}

QuantParams as_s8(QuantParams q, DataType type) {
  if (type == DataType::u8)
    for (std::int32_t& zero : q.zero_points) zero -= 128;
  return q;
}

Result<void> quantize(Call& c, ValueId v, const QuantParams& given) {
  XPUQ_ASSIGN(const DataType type, code_type(c, false));
  const QuantParams q = as_s8(given, type);
  Attributes a{{"scales", Floats(q.scales.begin(), q.scales.end())},
               {"zero_points", Ints(q.zero_points.begin(), q.zero_points.end())},
               {"type", std::string("s8")}};
  if (q.axis) a.set("axis", std::int64_t{*q.axis});
  XPUQ_ASSIGN(const ValueId codes, c.last().emit(OpKind::quantize, {v}, std::move(a)));
  if (type == DataType::u8) c.session.remember_u8(codes);
  return c.result(codes);
}

/// Codes that a quantize made carry their parameters; stored codes get them here.
Result<void> dequantize(Call& c, ValueId v, const QuantParams& given) {
  XPUQ_ASSIGN(const DataType type, code_type(c, true));
  const QuantParams q = as_s8(given, type);
  const TensorType from = c.builder.type(v);
  if (!from.quant && from.dtype != type)
    return c.problem("dequantizes " + std::string(to_string(from.dtype)) + " as " + std::string(to_string(type)));
  if (from.quant && *from.quant != q)
    return c.unsupported("dequantizes with other parameters than its input was quantized with");
  if (!from.quant) {
    Attributes parameters{{"scales", Floats(q.scales.begin(), q.scales.end())},
                          {"zero_points", Ints(q.zero_points.begin(), q.zero_points.end())}};
    if (q.axis) parameters.set("axis", std::int64_t{*q.axis});
    const bool stored = c.builder.constant_of(v) != nullptr;
    const std::string name = c.builder.name(v);
    XPUQ_ASSIGN(v, c.builder.emit(OpKind::from_codes, {v}, std::move(parameters), name, c.origin()));
    if (!stored && type == DataType::u8) c.session.remember_u8(v);
  }
  XPUQ_ASSIGN([[maybe_unused]] const DataType out, c.element_type("out_dtype", DataType::f32));
  return c.emit_result(OpKind::dequantize, {v}, {{"to", std::string("f32")}});
}

}  // namespace

Result<void> quantize_per_tensor(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("input"));
  XPUQ_ASSIGN(const QuantParams q, tensor_parameters(c));
  return quantize(c, v, q);
}

Result<void> dequantize_per_tensor(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("input"));
  XPUQ_ASSIGN(const QuantParams q, tensor_parameters(c));
  return dequantize(c, v, q);
}

Result<void> quantize_per_channel(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("input"));
  XPUQ_ASSIGN(const QuantParams q, channel_parameters(c, c.rank(v)));
  return quantize(c, v, q);
}

Result<void> dequantize_per_channel(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("input"));
  XPUQ_ASSIGN(const QuantParams q, channel_parameters(c, c.rank(v)));
  return dequantize(c, v, q);
}

}  // namespace xpuq::pt2::import_op
