// where: condition ? x : y, all three broadcast (ONNX Where, torch.where).
#include "ops/type_rule.h"

namespace xpuq::ops {

Inferred infer_where(OpKind, const Attributes&, std::span<const TensorType> in) {
  if (in[0].dtype != DataType::boolean) return refuse("condition is ", to_string(in[0].dtype), ", expected boolean");
  if (in[1].quant || in[2].quant) return refuse("input ", in[1].quant ? 1 : 2, " is quantized; dequantize it first");
  if (in[1].dtype != in[2].dtype) return refuse("inputs are ", to_string(in[1].dtype), " and ", to_string(in[2].dtype));
  auto shape = broadcast(in[1].shape, in[2].shape);
  if (shape) shape = broadcast(in[0].shape, *shape);
  if (!shape)
    return refuse("shapes ", to_string(in[0].shape), ", ", to_string(in[1].shape), " and ", to_string(in[2].shape),
                  " do not broadcast");
  return result(in[1].dtype, *shape);
}

}  // namespace xpuq::ops
