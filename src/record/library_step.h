// Which steps of a plan oneDNN computes on a GPU, and the primitives for them.
#pragma once

#include <vector>

#include "plan/plan.h"
#include "runtime/cpu/step.h"
#include "runtime/onednn/memory.h"

namespace xpuq::record {

/// True when make_library_step() would give a step. Convolutions, products and max pools: what oneDNN generates machine
/// code for. Everything else is quicker, and exact, as an own kernel.
bool is_library_step(const Plan& plan, const Step& step);

/// Null when oneDNN has no such form, or none but its plain reference loops.
StepPtr make_library_step(const Plan& plan, const Step& step, const onednn::Library& library);

/// Plan values that a step of make_library_step() names.
std::vector<std::uint32_t> library_values(const StepImpl& step);

}  // namespace xpuq::record
