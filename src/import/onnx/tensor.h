// TensorProto to Tensor: raw bytes, typed fields or external files, checked against the stated shape.
#pragma once

#include <memory>
#include <string>

#include "import/onnx/proto.h"
#include "xpuq/result.h"
#include "xpuq/types.h"

namespace xpuq::onnx_import {

/// `what` names the tensor in errors ("initializer 'w'"). f16 and bf16 come as f32 (exact). `owner` is what `tensor` is
/// part of; large tensors share its bytes instead of copying them.
/// Errors: E304 external data, E305 element types, E306 data that do not fit the shape.
Result<Tensor> read_tensor(const std::string& file, const std::string& what, const onnx::TensorProto& tensor,
                           const std::shared_ptr<const void>& owner);

}  // namespace xpuq::onnx_import
