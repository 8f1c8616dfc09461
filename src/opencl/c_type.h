// How elements are stored and named in OpenCL C.
#pragma once

#include <string_view>

#include "plan/plan.h"

namespace xpuq::opencl {

/// "float", "ushort" (bf16; f16 only moves), "char", ..., "ulong" (f64 only moves), "uchar" (boolean).
std::string_view c_type(DataType dtype);
/// f32 and bf16: what float arithmetic is written for.
bool is_kernel_float(DataType dtype);
bool is_integer(DataType dtype);
/// Least and greatest value of an integer type.
std::int64_t least(DataType dtype);
std::int64_t greatest(DataType dtype);

/// Elements from one index to the next along every axis of a value as it lies in memory.
std::vector<std::int64_t> strides_of(const PlanValue& value);
std::vector<std::int64_t> row_major(const Shape& shape);
/// True when the elements lie in memory in row-major order.
bool lies_plain(const PlanValue& value);

}  // namespace xpuq::opencl
