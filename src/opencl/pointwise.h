// Kernels of trees of pointwise steps and moves.
#pragma once

#include <vector>

#include "opencl/group.h"
#include "opencl/kernel.h"

namespace xpuq::opencl {

/// One kernel: every input is loaded once, the whole tree is evaluated in registers, the output is stored once.
Result<std::vector<Kernel>> emit_pointwise(const Plan& plan, const Group& group);

}  // namespace xpuq::opencl
