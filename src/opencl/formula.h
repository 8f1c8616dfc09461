// One pointwise step on one element, as an OpenCL C expression.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "opencl/prelude.h"
#include "plan/plan.h"

namespace xpuq::opencl {

/// A stored element read as f32: bf16 is widened.
std::string as_f32(DataType dtype, const std::string& name, Prelude& prelude);
/// An f32 as it is stored: bf16 is rounded.
std::string from_f32(DataType dtype, const std::string& expression, Prelude& prelude);

/// The element that a unary, binary, where or cast step makes of `operands`, which are variables of the stored types;
/// the expression has the stored type of `dst`. Empty when the types or the operation are not taken.
std::optional<std::string> formula(OpKind kind, const Attributes& attributes, const std::vector<TensorType>& sources,
                                   const TensorType& dst, const std::vector<std::string>& operands, Prelude& prelude);

/// x -> f32 expression of a unary operation on an f32 expression; empty when there is none.
std::optional<std::string> unary_f32(OpKind kind, const Attributes& attributes, const std::string& x, Prelude& prelude);

/// True for operations whose formula costs more than reading a table, or moves their results off the exact ones.
bool is_costly(OpKind kind);

}  // namespace xpuq::opencl
