// A plan run by the plain loops, on the inputs of a self-test.
#pragma once

#include "plan/plan.h"

namespace xpuq::fuzz {

/// Nothing happens when the plan is too large for a fuzzer. `plan` has been accepted by the verifier.
void interpret(const Plan& plan);

}  // namespace xpuq::fuzz
