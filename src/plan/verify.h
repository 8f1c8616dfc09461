// The plan verifier: written apart from lowering and the memory planner, and from the facts of a plan alone, so that a
// fault of theirs, or of a hostile file, is found here. Run when a plan is made and again when an artifact is read.
#pragma once

#include <string>

#include "plan/plan.h"

namespace xpuq {

/// The first broken rule as a sentence, or an empty string. Accepts any bytes a reader may have put into `plan`:
/// indices in range, types that follow from the operations, every value written once and before it is read, offsets
/// aligned and inside their area, and no value overwritten while it is still to be read.
std::string verify(const Plan& plan);

}  // namespace xpuq
