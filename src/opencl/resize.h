// resize: nearest, linear, cubic.
#pragma once

#include <vector>

#include "opencl/kernel.h"
#include "opencl/tail.h"

namespace xpuq::opencl {
Result<std::vector<Kernel>> emit_resize(const Plan& plan, const Step& step, Tail tail);
}
