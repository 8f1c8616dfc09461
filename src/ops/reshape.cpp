// reshape: the same elements in row-major order under an explicit shape (importers resolve -1 and 0).
// flatten: [product before axis, product from axis on] (https://onnx.ai/onnx/operators/onnx__Flatten.html).
#include "ops/type_rule.h"

namespace xpuq::ops {

Inferred infer_reshape(OpKind kind, const Attributes& a, std::span<const TensorType> in) {
  const TensorType& src = in[0];
  if (std::string p = pass_problem(src); !p.empty()) return {{}, p};
  if (kind == OpKind::flatten) {
    const std::int64_t axis = a.get_int("axis", 0);
    if (axis < 0 || axis > static_cast<std::int64_t>(src.shape.size()))
      return refuse("axis ", axis, " is above rank ", src.shape.size());
    // Parts of a sound shape are sound, even beside a zero (see checked_element_count).
    const std::int64_t outer = element_count(Shape(src.shape.begin(), src.shape.begin() + axis));
    const std::int64_t inner = element_count(Shape(src.shape.begin() + axis, src.shape.end()));
    return result(with_shape(src, {outer, inner}));
  }
  const Shape& shape = a.get_ints("shape");
  const auto count = checked_element_count(shape);
  if (!count || *count != src.elements())
    return refuse("shape ", to_string(shape), " does not hold the ", src.elements(), " elements of ",
                  to_string(src.shape));
  return result(with_shape(src, shape));
}

}  // namespace xpuq::ops
