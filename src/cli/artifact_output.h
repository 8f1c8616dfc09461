// The modes of xpuq-run that look at an artifact or a device instead of running data.
#pragma once

#include "cli/invocation.h"
#include "cli/run_options.h"
#include "xpuq/result.h"

namespace xpuq::cli {

Result<void> show_info(Invocation& invocation, const RunRequest& request);
Result<void> show_self_test(Invocation& invocation, const RunRequest& request);
/// Exit 5 with the reason when it cannot run here.
Result<void> show_compatibility(Invocation& invocation, const RunRequest& request);
Result<void> show_layers(Invocation& invocation, const RunRequest& request);
Result<void> show_devices(Invocation& invocation);

}  // namespace xpuq::cli
