// Plain kernels of conv, conv_transpose, linear and matmul, for what oneDNN refuses.
#pragma once

#include <vector>

#include "opencl/kernel.h"

namespace xpuq::opencl {
Result<std::vector<Kernel>> emit_weighted(const Plan& plan, const Step& step);
}
