// Speed of the parts, as published: what predictions are made of.
#pragma once

#include <cstdint>

#include "gpu/targets.h"

namespace xpuq {

/// Clock, caches and memory of one part. Sources: product pages on ark.intel.com (clock, memory bandwidth), Intel's
/// architecture presentations (Hot Chips 2021 and 2024: first-level cache per core, bytes per clock), the second-level
/// cache sizes of chipsandcheese.com's measurements. Assumed, of the order of what such measurements show: bytes per clock
/// of the second level, cycles until a load comes back, the gap between dependent launches.
struct PartRates {
  double clock_hz = 0;
  double dram_bytes_per_second = 0;
  std::uint64_t l1_bytes = 0;             ///< per core, shared with local memory
  std::uint64_t l2_bytes = 0;
  double l1_bytes_per_cycle = 0;          ///< per core, local memory likewise
  double l2_bytes_per_cycle = 32;         ///< per core
  double l1_cycles = 130;                 ///< until a load comes back from the first level,
  double l2_cycles = 270;                 ///< on top of that where it misses there,
  double dram_cycles = 550;               ///< and where it misses in the second level, too
  double launch_seconds = 4e-6;           ///< from one launch to the next that waits for it
};

PartRates part_rates(const gpu::Target& target);

}  // namespace xpuq
