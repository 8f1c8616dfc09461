// How often each instruction of a kernel ran, and what follows from that. Internal.
#pragma once

#include <cstdint>
#include <vector>

#include "xe/machine.h"
#include "xe/prepare.h"

namespace xpuq::xe {

/// Counts stretches of steps that ran one behind the other, so that only branches, waits and ends cost.
class StepCounter {
 public:
  void start(std::size_t steps) { edges_.assign(steps + 1, 0); }
  /// Steps [first, end) ran once.
  void ran(std::uint32_t first, std::uint32_t end) {
    ++edges_[first];
    --edges_[end];
  }
  /// Adds, for each step, how often it ran.
  void add_to(std::vector<std::uint64_t>& executed) const;

 private:
  std::vector<std::uint64_t> edges_;  ///< stretches that begin at a step less those that end before it, modulo 2^64
};

/// Sets the totals that follow from `counts.executed`: instructions by pipe, multiplications inside dpas.
void add_up(const PreparedCode& code, LaunchCounts& counts);

}  // namespace xpuq::xe
