// A plan as text, for --stop-after: one line a value, one line a step.
#pragma once

#include <string>

#include "plan/plan.h"

namespace xpuq {
std::string to_text(const Plan& plan);
}
