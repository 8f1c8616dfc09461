// reduce_* and argmax.
#pragma once

#include <vector>

#include "opencl/kernel.h"
#include "opencl/row_kernel.h"
#include "opencl/tail.h"

namespace xpuq::opencl {

Result<std::vector<Kernel>> emit_reduce(const Plan& plan, const Step& step, Tail tail);
/// The mean of every row of the step's f32 or bf16 input.
Kernel emit_mean(RowKernel rows, const Step& step, DataType dtype, Tail& tail);

}  // namespace xpuq::opencl
