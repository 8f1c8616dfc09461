// softmax and log_softmax.
#pragma once

#include <vector>

#include "opencl/kernel.h"
#include "opencl/source.h"
#include "opencl/tail.h"

namespace xpuq::opencl {
Result<std::vector<Kernel>> emit_softmax(const Plan& plan, const Step& step, Source source, Tail tail);
}
