// What xpuq-calibrate tells about a profile.
#pragma once

#include <string>

#include "cli/invocation.h"
#include "driver/calibrate.h"
#include "qmath/observer_state.h"

namespace xpuq::cli {

/// One line, the values with the widest clipped tails, and the JSON result.
void tell_result(Invocation& invocation, const CalibrateResult& result);

/// --show: the same from a file, and a line for every value whose name or node matches the glob.
/// E203 when none does; E204, E402, E403 from the file.
Result<void> show_profile(Invocation& invocation, const std::string& path, const std::string& glob);

/// The shape of a histogram in `columns` characters, heights on a logarithmic scale.
std::string sketch(const qmath::Histogram& histogram, std::size_t columns);

}  // namespace xpuq::cli
