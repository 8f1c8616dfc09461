// Weights kept in files beside the model (TensorProto.data_location EXTERNAL).
#pragma once

#include <string>

#include "import/onnx/proto.h"
#include "xpuq/result.h"
#include "xpuq/types.h"

namespace xpuq::onnx_import {

/// The elements of `tensor` from its external file; type and shape are those of the tensor, checked before. The file
/// must lie in the folder of `model_path` or below it: absolute locations, "..", and symbolic links that leave the
/// folder are refused, so that a model cannot read what its user did not put beside it. Nothing is allocated before the
/// file is known to be large enough. Errors are E304 and name tensor and file.
Result<Tensor> read_external(const std::string& model_path, const onnx::TensorProto& tensor, DataType dtype,
                             const Shape& shape);

}  // namespace xpuq::onnx_import
