// The options that every command has, and the environment behind them (cli.md sections 1 and 7).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/option_table.h"
#include "cli/progress.h"
#include "support/log.h"
#include "xpuq/result.h"

namespace xpuq::cli {

struct Settings {
  LogLevel log = LogLevel::warnings;
  bool color = false;
  ProgressMeter::Style progress = ProgressMeter::Style::none;
  int threads = 0;                  ///< 0: all cores allowed to the process
  std::optional<std::string> json;  ///< the file; "-" is stdout, where the document replaces the human result
};

void declare_common_options(OptionTable& table);

/// Options win over XPUQ_THREADS, XPUQ_LOG, XPUQ_PROGRESS and NO_COLOR. Errors: E203 with the option or the variable
/// as `who`; E205 for --quiet with --verbose.
Result<Settings> read_settings(const Arguments& arguments);

/// The file of --json, from words that may not even parse: usage errors are reported in JSON, too.
std::optional<std::string> find_json_request(const std::vector<std::string>& words);

/// The variable's text; empty when it is unset or empty.
std::optional<std::string> environment(const char* name);

}  // namespace xpuq::cli
