// softmax: exp(x - max) / sum(exp(x - max)) along one axis; log_softmax: x - max - log(sum(exp(x - max))).
// https://onnx.ai/onnx/operators/onnx__Softmax.html (version 13). Importers make the axis non-negative.
#include "ops/type_rule.h"

namespace xpuq::ops {

Inferred infer_softmax(OpKind, const Attributes& a, std::span<const TensorType> in) {
  const std::int64_t axis = a.get_int("axis", 0);
  if (!is_kernel_float(in[0].dtype)) return refuse("src is ", describe(in[0]), ", expected f32 or bf16");
  if (axis < 0 || axis >= static_cast<std::int64_t>(in[0].shape.size()))
    return refuse("axis ", axis, " is not below rank ", in[0].shape.size());
  return result(in[0].dtype, in[0].shape);
}

}  // namespace xpuq::ops
