// Section PLAN: plans as maps of names and numbers (FORMAT.md, section 4).
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "artifact/refusal.h"
#include "plan/plan.h"
#include "support/json.h"

namespace xpuq::artifact {

std::string_view place_name(Place place);

Json plans_to_json(std::span<const Plan> plans);

/// Plans that have passed the plan verifier; each gets the constants and their owner.
Result<std::vector<Plan>> plans_from_json(const Json& section, std::span<const std::byte> constants,
                                          const std::shared_ptr<const void>& owner, const Source& source);

/// The kinds of AttributeValue, in the order of its alternatives, by the letters of ops.def.
inline constexpr std::string_view kAttributeKinds = "ifsIFS";

}  // namespace xpuq::artifact
