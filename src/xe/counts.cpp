#include "xe/counts.h"

#include <algorithm>

namespace xpuq::xe {
namespace {

/// Multiplications of one dpas: every channel of every row takes `depth` words of 32 bits, full of the wider of both types.
std::uint64_t multiply_adds(const Step& s) {
  const int values = 32 / std::max(bits_of(s.source[1].type), bits_of(s.source[2].type));
  return static_cast<std::uint64_t>(s.depth * values * s.channels * s.repeat);
}

}  // namespace

void StepCounter::add_to(std::vector<std::uint64_t>& executed) const {
  std::uint64_t now = 0;
  for (std::size_t i = 0; i < executed.size(); ++i) executed[i] += now += edges_[i];
}

void add_up(const PreparedCode& code, LaunchCounts& counts) {
  for (std::size_t i = 0; i < code.steps.size(); ++i) {
    const Step& s = code.steps[i];
    const std::uint64_t n = counts.executed[i];
    switch (s.pipe) {
      case Pipe::integer: counts.integer += n; break;
      case Pipe::floating: counts.floating += n; break;
      case Pipe::math: counts.math += n; break;
      case Pipe::message: counts.messages += n; break;
      case Pipe::control: counts.control += n; break;
      case Pipe::systolic:
        counts.systolic += n;
        if (n != 0) counts.multiply_adds += n * multiply_adds(s);
    }
  }
}

}  // namespace xpuq::xe
