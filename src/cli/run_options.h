// The options of xpuq-run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/option_table.h"
#include "cli/parse_values.h"
#include "cli/settings.h"
#include "driver/run.h"
#include "xpuq/result.h"

namespace xpuq::cli {

enum class RunMode { infer, bench, info, self_test, check_compat, list_layers, list_devices };

/// What must hold for exit 0.
struct RunTargets {
  std::optional<double> min_top1, min_top5, drop, min_sqnr;  ///< percent, percent, points, dB
  std::optional<LatencyTarget> latency;
  std::optional<double> throughput;
};

struct RunRequest {
  RunMode mode = RunMode::infer;
  RunOptions options;
  BenchOptions bench;
  RunTargets targets;
  std::vector<double> percentiles;
  CountOrPercent max_bad;
  std::optional<std::string> profile;  ///< file of the times per layer; empty: standard output
  std::string times;                   ///< file of every iteration; empty: none
  std::string baseline, write_baseline;  ///< files; empty: none
  bool verify = false;
};

void declare_run_options(OptionTable& table);

/// E203, E205.
Result<RunRequest> read_run_request(const Arguments& arguments, const Settings& settings);

}  // namespace xpuq::cli
