// dropout: its input, in inference (torch.nn.Dropout in eval mode, ONNX Dropout without training_mode).
#include "ops/type_rule.h"

namespace xpuq::ops {

Inferred infer_dropout(OpKind, const Attributes&, std::span<const TensorType> in) { return result(with_shape(in[0], in[0].shape)); }

}  // namespace xpuq::ops
