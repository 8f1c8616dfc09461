// Calibration profiles: what is accepted is written again and read back as the same.
#include "profile/profile.h"
#include "target.h"

using namespace xpuq;

XPUQ_FUZZ_TARGET(profile) {
  std::vector<ProfileWarning> warnings;
  const auto profile = read_profile(bytes, "x.xcal", warnings);
  if (!profile.ok()) return;
  const auto again = read_profile(write_profile(*profile), "again", warnings);
  fuzz::require_sound(again.ok() && *again == *profile ? "" : "what was read is not what is written");
}
