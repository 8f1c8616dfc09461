// transpose: axis i of dst is axis perm[i] of src (https://onnx.ai/onnx/operators/onnx__Transpose.html).
#include "ops/type_rule.h"

namespace xpuq::ops {

Inferred infer_transpose(OpKind, const Attributes& a, std::span<const TensorType> in) {
  const Shape& src = in[0].shape;
  const Ints& perm = a.get_ints("perm");
  if (std::string p = pass_problem(in[0]); !p.empty()) return {{}, p};
  if (perm.size() != src.size()) return refuse("perm has ", perm.size(), " entries, src has rank ", src.size());
  std::vector<bool> seen(src.size());
  Shape dst;
  for (std::int64_t axis : perm) {
    if (axis < 0 || axis >= static_cast<std::int64_t>(src.size()) || seen[static_cast<std::size_t>(axis)])
      return refuse("perm is not a permutation of the ", src.size(), " axes");
    seen[static_cast<std::size_t>(axis)] = true;
    dst.push_back(src[static_cast<std::size_t>(axis)]);
  }
  return result(with_shape(in[0], std::move(dst)));
}

}  // namespace xpuq::ops
