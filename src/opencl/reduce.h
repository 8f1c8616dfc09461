// reduce_* and argmax.
#pragma once

#include <vector>

#include "opencl/kernel.h"
#include "opencl/row_kernel.h"

namespace xpuq::opencl {

Result<std::vector<Kernel>> emit_reduce(const Plan& plan, const Step& step);
/// The mean of every row of the step's f32 or bf16 input.
Kernel emit_mean(RowKernel rows, const Step& step, DataType dtype);

}  // namespace xpuq::opencl
