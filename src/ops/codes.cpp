// to_codes: the integers of a quantized value as plain numbers of type `to` (s8 or u8): how a model hands out codes.
// from_codes: plain s8 or u8 numbers as a quantized s8 value with these parameters. Quantized values are s8 in the
// graph, so u8 numbers move by 128 on their way, and zero points count on the s8 side.
#include "ops/type_rule.h"

namespace xpuq::ops {
namespace {

bool is_byte(DataType dtype) { return dtype == DataType::s8 || dtype == DataType::u8; }

Inferred to_codes(const Attributes& a, const TensorType& src) {
  const auto to = parse_data_type(a.get_string("to"));
  if (!src.quant) return refuse("src is ", describe(src), ", which is not quantized");
  if (!to || !is_byte(*to)) return refuse("to is '", a.get_string("to"), "', expected 's8' or 'u8'");
  return result(*to, src.shape);
}

}  // namespace

Inferred infer_codes(OpKind kind, const Attributes& a, std::span<const TensorType> in) {
  const TensorType& src = in[0];
  if (kind == OpKind::to_codes) return to_codes(a, src);
  if (src.quant || !is_byte(src.dtype)) return refuse("src is ", describe(src), ", expected s8 or u8 without scale");
  return quantized(a, DataType::s8, src.shape);
}

}  // namespace xpuq::ops
