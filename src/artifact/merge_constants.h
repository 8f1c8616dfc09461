// One constants blob for all plans of an artifact.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace xpuq::artifact {

struct MergedConstants {
  std::vector<Plan> plans;  ///< with offsets into `bytes` and without a view of any constants
  std::string bytes;
};

/// Places every constant in order of first use (plan, then value number), each distinct run of bytes once. Doing it
/// again changes nothing. The plans are sound.
MergedConstants merge_constants(std::span<const Plan> plans);

}  // namespace xpuq::artifact
