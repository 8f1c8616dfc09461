// cumsum and topk: operations along the lines of one axis.
#pragma once

#include <vector>

#include "opencl/kernel.h"

namespace xpuq::opencl {
Result<std::vector<Kernel>> emit_cumsum(const Plan& plan, const Step& step);
Result<std::vector<Kernel>> emit_topk(const Plan& plan, const Step& step);
}  // namespace xpuq::opencl
