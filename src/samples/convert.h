// Element type conversion of operands: lossless, or from float to float.
#pragma once

#include <string>

#include "xpuq/result.h"
#include "xpuq/types.h"

namespace xpuq::samples {

/// The same numbers as `dtype`. Float to float rounds to nearest even; any other pair must keep every value exactly
/// (so f32 2.0 becomes s32 2, but 2.5 is refused). Error: E103 with `who`, naming the first value that does not fit.
Result<Tensor> convert(const Tensor& tensor, DataType dtype, const std::string& who);

/// Widens f16, bf16 or f64 to f32; the other types must hold values that f32 holds too.
Tensor to_f32(const Tensor& tensor);

}  // namespace xpuq::samples
