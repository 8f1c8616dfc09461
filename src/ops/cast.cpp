// cast: the same numbers in another type (ONNX Cast, torch Tensor.to). Float to integer truncates toward zero and
// saturates, NaN becomes 0; integer to integer wraps; to boolean is x != 0. Quantized codes are no numbers: dequantize.
#include "ops/type_rule.h"

namespace xpuq::ops {

Inferred infer_cast(OpKind, const Attributes& a, std::span<const TensorType> in) {
  const auto to = parse_data_type(a.get_string("to"));
  if (!to) return refuse("to is '", a.get_string("to"), "', which is no type");
  if (in[0].quant) return refuse("src is quantized; dequantize it first");
  return result(*to, in[0].shape);
}

}  // namespace xpuq::ops
