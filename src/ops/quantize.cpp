// quantize: q = clamp(rne(x * (1 / scale)) + zero_point); dequantize: x = (q - zero_point) * scale (pt2e-semantics 1.1,
// 1.2); one scale, or one per element of `axis`. observe: a place whose values calibration measures; makes nothing.
#include <algorithm>
#include <limits>

#include "ops/type_rule.h"

namespace xpuq::ops {
namespace {

Inferred quantize(const Attributes& a, const TensorType& src) {
  if (!is_kernel_float(src.dtype)) return refuse("src is ", describe(src), ", expected f32 or bf16");
  const auto type = parse_data_type(a.get_string("type"));
  if (!type || (*type != DataType::s8 && *type != DataType::u8))
    return refuse("type is '", a.get_string("type"), "', expected 's8' or 'u8'");
  return quantized(a, *type, src.shape);
}

Inferred dequantize(const Attributes& a, const TensorType& src) {
  if (!src.quant) return refuse("src is ", describe(src), ", which is not quantized");
  const auto to = parse_data_type(a.get_string("to"));
  if (!to || !is_kernel_float(*to)) return refuse("to is '", a.get_string("to"), "', expected 'f32' or 'bf16'");
  return result(*to, src.shape);
}

}  // namespace

Inferred infer_quantize(OpKind kind, const Attributes& a, std::span<const TensorType> in) {
  if (kind == OpKind::quantize) return quantize(a, in[0]);
  if (kind == OpKind::dequantize) return dequantize(a, in[0]);
  if (a.get_int("index", 0) < 0) return refuse("index is ", a.get_int("index", 0));
  return {};
}

}  // namespace xpuq::ops
