// The frame around every command: words to options, help, version, result, error, exit status.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "cli/invocation.h"
#include "cli/option_table.h"
#include "xpuq/result.h"

namespace xpuq::cli {

struct Command {
  std::string name;                   ///< "xpuq-run"
  std::vector<std::string> examples;  ///< complete command lines
  std::vector<std::string> synopsis;
  std::function<void(OptionTable&)> declare;
  /// What is missing ("MODEL") when there are too few operands; empty when there are enough.
  std::function<std::string(const Arguments&)> missing_operand;
  /// Formats and libraries for --version: {"profile", "1"}.
  std::function<std::vector<std::pair<std::string, std::string>>()> versions;
  /// The same for --version -v only.
  std::function<std::vector<std::pair<std::string, std::string>>()> more_versions = {};
  std::function<Result<void>(Invocation&)> execute;
};

/// The whole program. Gives the exit status; never throws. The command is made inside, so that no memory for its table of
/// options ends like no memory anywhere else.
int run_command(Command (*make)(), int argc, const char* const* argv);

}  // namespace xpuq::cli
