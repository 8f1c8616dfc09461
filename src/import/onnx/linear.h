// The matrix product of two values, for the operators that contain one.
#pragma once

#include "import/onnx/call.h"

namespace xpuq::onnx_import {

/// numpy.matmul: vectors become matrices with one row or column. `whole` names the product after output 0.
Result<ValueId> product(Call& c, ValueId a, ValueId b, bool whole);

}  // namespace xpuq::onnx_import
