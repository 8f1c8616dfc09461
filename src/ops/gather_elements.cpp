// gather_elements: dst[i, j, k] = src[i, indices[i, j, k], k] for axis 1 (ONNX GatherElements, torch.gather). A
// negative index counts from the end; one out of range is an error when evaluated.
#include "ops/type_rule.h"

namespace xpuq::ops {

Inferred infer_gather_elements(OpKind, const Attributes& a, std::span<const TensorType> in) {
  const Shape& src = in[0].shape;
  const Shape& indices = in[1].shape;
  const std::int64_t axis = a.get_int("axis", 0);
  if (std::string p = pass_problem(in[0]); !p.empty()) return {{}, p};
  if (axis < 0 || axis >= static_cast<std::int64_t>(src.size()))
    return refuse("axis ", axis, " is not below rank ", src.size());
  if (in[1].dtype != DataType::s64 && in[1].dtype != DataType::s32)
    return refuse("indices are ", to_string(in[1].dtype), ", expected s64 or s32");
  bool fits = indices.size() == src.size();
  for (std::size_t i = 0; fits && i < src.size(); ++i)
    fits = static_cast<std::int64_t>(i) == axis || indices[i] <= src[i];
  if (!fits) return refuse("indices ", to_string(indices), " do not fit src ", to_string(src), " on axis ", axis);
  return result(with_shape(in[0], indices));
}

}  // namespace xpuq::ops
