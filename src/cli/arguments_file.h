// @FILE: arguments from a file, one a line.
#pragma once

#include <string>
#include <vector>

#include "xpuq/result.h"

namespace xpuq::cli {

/// Replaces every word `@FILE` before `--` by the lines of FILE. Blank lines and lines that start with `#` are left
/// out; files may name files. Errors: E204, E101, E203 for files that name each other without end.
Result<std::vector<std::string>> expand_argument_files(const std::vector<std::string>& words);

}  // namespace xpuq::cli
