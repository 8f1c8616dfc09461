// gather: dst[..., i..., ...] = src[..., indices[i...], ...] on one axis
// (https://onnx.ai/onnx/operators/onnx__Gather.html; aten.embedding with axis 0). A negative index counts from the end;
// one out of range is an error when evaluated.
#include "ops/type_rule.h"

namespace xpuq::ops {

Inferred infer_gather(OpKind, const Attributes& a, std::span<const TensorType> in) {
  const Shape& src = in[0].shape;
  const std::int64_t axis = a.get_int("axis", 0);
  if (std::string p = pass_problem(in[0]); !p.empty()) return {{}, p};
  if (axis < 0 || axis >= static_cast<std::int64_t>(src.size()))
    return refuse("axis ", axis, " is not below rank ", src.size());
  if (in[1].dtype != DataType::s64 && in[1].dtype != DataType::s32)
    return refuse("indices are ", to_string(in[1].dtype), ", expected s64 or s32");
  Shape dst(src.begin(), src.begin() + axis);
  dst.insert(dst.end(), in[1].shape.begin(), in[1].shape.end());
  dst.insert(dst.end(), src.begin() + axis + 1, src.end());
  return result(with_shape(in[0], std::move(dst)));
}

}  // namespace xpuq::ops
