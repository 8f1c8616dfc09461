// batchnorm, layer_norm and group_norm.
#pragma once

#include <vector>

#include "opencl/kernel.h"
#include "opencl/source.h"
#include "opencl/tail.h"

namespace xpuq::opencl {
Result<std::vector<Kernel>> emit_normalization(const Plan& plan, const Step& step, Source source, Tail tail);
}
