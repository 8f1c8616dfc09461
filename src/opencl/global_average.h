// adaptive_avg_pool of s8 to one position.
#pragma once

#include "opencl/kernel.h"
#include "opencl/source.h"

namespace xpuq::opencl {
/// `step` has s8 values and an output of one position per channel.
Kernel emit_global_average(const Plan& plan, const Step& step, Source& source);
}
