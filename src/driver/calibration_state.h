// OUTPUT.partial: what an interrupted calibration goes on from.
#pragma once

#include <cstdint>
#include <string>

#include "profile/profile.h"
#include "xpuq/result.h"

namespace xpuq {

struct CalibrationState {
  std::string key;          ///< SHA-256 over model, data list and options: only the same calibration may go on
  std::uint64_t next = 0;   ///< position in the selected list
  Profile profile;          ///< statistics so far
};

std::string partial_path(const std::string& output);
Result<void> save_partial(const CalibrationState& state, const std::string& output);
/// E408 when the file is damaged or belongs to another calibration (`key`).
Result<CalibrationState> load_partial(const std::string& output, const std::string& key);

}  // namespace xpuq
