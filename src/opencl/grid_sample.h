// grid_sample.
#pragma once

#include <vector>

#include "opencl/kernel.h"

namespace xpuq::opencl {
Result<std::vector<Kernel>> emit_grid_sample(const Plan& plan, const Step& step);
}
