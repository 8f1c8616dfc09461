// cumsum: running sums along one axis (ONNX CumSum, torch.cumsum); `exclusive` leaves the element itself out,
// `reverse` starts at the end.
#include "ops/type_rule.h"

namespace xpuq::ops {

Inferred infer_cumsum(OpKind, const Attributes& a, std::span<const TensorType> in) {
  const TensorType& src = in[0];
  const std::int64_t axis = a.get_int("axis", 0);
  if (src.quant || src.dtype == DataType::boolean) return refuse("not defined for ", describe(src));
  if (axis < 0 || axis >= static_cast<std::int64_t>(src.shape.size()))
    return refuse("axis ", axis, " is not below rank ", src.shape.size());
  for (const char* flag : {"exclusive", "reverse"})
    if (const std::int64_t v = a.get_int(flag, 0); v != 0 && v != 1)
      return refuse(flag, " is ", v, ", expected 0 or 1");
  return result(src.dtype, src.shape);
}

}  // namespace xpuq::ops
