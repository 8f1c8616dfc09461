// reduce_* and argmax.
#pragma once

#include <vector>

#include "opencl/kernel.h"
#include "opencl/row_kernel.h"
#include "opencl/source.h"
#include "opencl/tail.h"

namespace xpuq::opencl {

Result<std::vector<Kernel>> emit_reduce(const Plan& plan, const Step& step, Source source, Tail tail);
/// The mean of every row of an f32 or bf16 source.
Kernel emit_mean(RowKernel rows, DataType dtype, Source& source, Tail& tail);

}  // namespace xpuq::opencl
