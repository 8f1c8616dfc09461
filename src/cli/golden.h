// Golden tests of passes: one file with the command, the graph before and the graph after.
//
//   // RUN: xpuq-opt --pass=fold-batchnorm
//   graph (...) {...}
//   // -----
//   graph (...) {...}
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "xpuq/result.h"

namespace xpuq::cli {

struct GoldenFile {
  std::vector<std::string> words;  ///< of the RUN line, without the program's name
  std::string input;               ///< everything before the separator, the RUN line included
  std::string expected;            ///< without leading and trailing blank lines
};

/// Errors: E204, E305 when the RUN line or the separator is missing.
Result<GoldenFile> read_golden(const std::string& path);
/// Writes the file with another expected part. E101.
Result<void> update_golden(const std::string& path, const GoldenFile& file, const std::string& actual);

/// Lines only in `expected` with "-", lines only in `actual` with "+", equal ones with " "; empty when all are equal.
std::string line_diff(const std::string& expected, const std::string& actual);

/// Without blank lines at either end and spaces at line ends.
std::string tidy(const std::string& text);

}  // namespace xpuq::cli
