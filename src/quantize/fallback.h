// Layers that measurements send back to float (xpuq-compile --min-sqnr, --fallback-worst).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "profile/profile.h"
#include "xpuq/result.h"

namespace xpuq {

/// The profile's layers by what int8 in each alone does to the model's output, most noise first; equal ones in
/// execution order. E410 when the profile was made without --sqnr; `option` is who needs it.
Result<std::vector<const ProfileLayer*>> noisiest_first(const Profile& profile, const std::string& option);

/// Names of the results of the layers whose own output is noisier than `min_db`, and of the `worst` first ones of
/// noisiest_first(). E410 as there.
Result<std::vector<std::string>> layers_to_keep_float(const Profile& profile, std::optional<double> min_db, std::size_t worst);

}  // namespace xpuq
