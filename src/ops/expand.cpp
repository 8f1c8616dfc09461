// expand: NumPy broadcast to an explicit shape (ONNX Expand, torch.Tensor.expand).
#include "ops/type_rule.h"

namespace xpuq::ops {

Inferred infer_expand(OpKind, const Attributes& a, std::span<const TensorType> in) {
  const Shape& shape = a.get_ints("shape");
  if (std::string p = pass_problem(in[0]); !p.empty()) return {{}, p};
  if (broadcast(in[0].shape, shape) != shape)
    return refuse("src ", to_string(in[0].shape), " does not broadcast to ", to_string(shape));
  return result(with_shape(in[0], shape));
}

}  // namespace xpuq::ops
