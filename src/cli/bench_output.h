// What xpuq-run tells about timings.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/invocation.h"
#include "cli/run_options.h"
#include "driver/run.h"
#include "xpuq/result.h"

namespace xpuq::cli {

/// The four lines of cli.md section 5, and the JSON result.
void tell_bench(Invocation& invocation, const RunRequest& request, const BenchResult& result,
                const std::optional<DeviceInfo>& device);
/// --times: the latency of every iteration as .json or CSV; "-" is standard output. E101.
Result<void> write_times(const std::string& path, const BenchResult& result);
/// E608 --max-latency, E609 --min-throughput.
void check_targets(Invocation& invocation, const RunRequest& request, const BenchResult& result);

}  // namespace xpuq::cli
