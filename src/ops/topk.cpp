// topk: the places (s64) of the `k` largest or smallest elements along one axis, best first; of equal ones the first
// comes first (ONNX TopK, torch.topk). NaN is the largest. The values are gather_elements of the places.
#include "ops/type_rule.h"

namespace xpuq::ops {

Inferred infer_topk(OpKind, const Attributes& a, std::span<const TensorType> in) {
  const TensorType& src = in[0];
  const std::int64_t axis = a.get_int("axis", 0);
  const std::int64_t k = a.get_int("k", 0);
  const std::int64_t largest = a.get_int("largest", 1);
  if (src.quant || src.dtype == DataType::boolean) return refuse("not defined for ", describe(src));
  if (axis < 0 || axis >= static_cast<std::int64_t>(src.shape.size()))
    return refuse("axis ", axis, " is not below rank ", src.shape.size());
  Shape dst = src.shape;
  std::int64_t& size = dst[static_cast<std::size_t>(axis)];
  if (k < 0 || k > size) return refuse("k is ", k, ", expected 0..", size);
  if (largest != 0 && largest != 1) return refuse("largest is ", largest, ", expected 0 or 1");
  size = k;
  return result(DataType::s64, std::move(dst));
}

}  // namespace xpuq::ops
