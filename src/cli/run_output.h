// What xpuq-run tells about inference, and whether its targets were met.
#pragma once

#include "cli/invocation.h"
#include "cli/run_options.h"
#include "driver/run.h"

namespace xpuq::cli {

/// "file  rank  index  probability  label", a line an answer.
void tell_prediction(Invocation& invocation, const Prediction& prediction);
/// Accuracy, comparison with the reference, and the JSON result.
void tell_run(Invocation& invocation, const RunResult& result);
/// E102 samples that could not be decoded, E603 accuracy, E604 --expect, E606 --drop, E607 --min-sqnr.
void check_targets(Invocation& invocation, const RunRequest& request, const RunResult& result);

}  // namespace xpuq::cli
