// Section TEST: expected outputs of the self-tests (FORMAT.md, section 6).
#pragma once

#include <span>
#include <vector>

#include "artifact/artifact.h"
#include "artifact/refusal.h"

namespace xpuq::artifact {

Json self_tests_to_json(std::span<const SelfTest> tests);

/// Self-tests that fit the outputs of their plan.
Result<std::vector<SelfTest>> self_tests_from_json(const Json& section, std::span<const Plan> plans,
                                                   const Source& source);

}  // namespace xpuq::artifact
