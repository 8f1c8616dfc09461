// A plan becomes a program: oneDNN's primitives are created and recorded, own kernels compiled, memory planned.
#pragma once

#include "gpu/program.h"
#include "plan/plan.h"
#include "record/kernel_choice.h"
#include "record/tracer.h"
#include "xpuq/result.h"

namespace xpuq::record {

/// For the GPU that oneDNN finds. `number` is the plan's in its artifact. Errors: E601 a step that has no kernel on a
/// GPU (`node` names it), E101 what the driver, oneDNN or the offline compiler refuse.
Result<gpu::Program> compile_plan(const Plan& plan, std::uint32_t number, Tracer& tracer, const std::vector<KernelChoice>& choices);

}  // namespace xpuq::record
