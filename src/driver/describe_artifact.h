// The INFO section of an artifact: where it comes from and how its numbers were chosen.
#pragma once

#include "driver/compile.h"
#include "driver/importers.h"
#include "profile/profile.h"

namespace xpuq {

/// `profile` may be null. Errors of a damaged profile beside the model do not count.
Result<Json> describe_artifact(const CompileOptions& options, const Variant& variant, const LoadedModel& model, const Profile* profile, const Coverage& covered);

}  // namespace xpuq
