// scatter_elements and scatter_nd.
#pragma once

#include <vector>

#include "opencl/kernel.h"

namespace xpuq::opencl {
/// Updates whose index lies outside, which the interpreter reports as an error, are left out.
Result<std::vector<Kernel>> emit_scatter(const Plan& plan, const Step& step);
}
