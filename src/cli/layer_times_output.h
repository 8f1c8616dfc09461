// What xpuq-run --profile tells: times of layers, and on an emulated GPU what each would be limited by.
#pragma once

#include <string>

#include "cli/invocation.h"
#include "driver/run.h"
#include "xpuq/result.h"

namespace xpuq::cli {

/// A table on standard output when `path` is empty or "-", else a trace (.json), .csv or the table. Predicted times say
/// so. E101.
Result<void> tell_layer_times(Invocation& invocation, const std::string& path, const LayerProfile& profile);

}  // namespace xpuq::cli
