// Pointwise operations of two inputs with NumPy broadcasting; ONNX Add, Sub, Mul, Div, Pow, Min, Max, Mod, Equal,
// Less, ..., And, Or, PRelu. Both inputs have one type: an importer writes the casts. Integer arithmetic wraps; integer
// div truncates toward zero (ONNX Div); mod takes the sign of the divisor (torch.remainder), fmod that of the dividend
// (C's fmod).
// prelu: x < 0 ? slope x : x, where slope broadcasts to x.
#include "ops/type_rule.h"

namespace xpuq::ops {
namespace {

bool compares(OpKind kind) {
  return kind == OpKind::equal || kind == OpKind::less || kind == OpKind::less_equal || kind == OpKind::greater ||
         kind == OpKind::greater_equal;
}
bool is_logical(OpKind kind) { return kind == OpKind::logical_and || kind == OpKind::logical_or; }

bool takes(OpKind kind, DataType dtype) {
  if (is_logical(kind)) return dtype == DataType::boolean;
  if (kind == OpKind::equal) return true;
  if (kind == OpKind::prelu) return is_float(dtype);
  return dtype != DataType::boolean;
}

}  // namespace

Inferred infer_binary(OpKind kind, const Attributes&, std::span<const TensorType> in) {
  const TensorType& a = in[0];
  const TensorType& b = in[1];
  if (a.quant || b.quant) return refuse("input ", a.quant ? 0 : 1, " is quantized; dequantize it first");
  if (a.dtype != b.dtype) return refuse("inputs are ", to_string(a.dtype), " and ", to_string(b.dtype));
  if (!takes(kind, a.dtype)) return refuse("not defined for ", to_string(a.dtype));
  const auto shape = broadcast(a.shape, b.shape);
  if (!shape) return refuse("shapes ", to_string(a.shape), " and ", to_string(b.shape), " do not broadcast");
  if (kind == OpKind::prelu && *shape != a.shape)
    return refuse("slope ", to_string(b.shape), " does not broadcast to src ", to_string(a.shape));
  return result(compares(kind) ? DataType::boolean : a.dtype, *shape);
}

}  // namespace xpuq::ops
