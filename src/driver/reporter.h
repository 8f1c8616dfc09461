// How the driver talks to whoever called it: warnings, progress, and the question whether to stop.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace xpuq {

struct Reporter {
  std::function<void(const std::string& code, const std::string& message)> warning = [](const auto&, const auto&) {};
  /// `done` of `total` pictures of a stage ("calibrate", "run"); called often, cheap to ignore.
  std::function<void(std::string_view stage, std::uint64_t done, std::uint64_t total)> progress = [](auto, auto, auto) {};
  /// Asked between samples; the number of a signal (2, 15) to stop, 0 to go on.
  std::function<int()> interrupted = [] { return 0; };
};

}  // namespace xpuq
