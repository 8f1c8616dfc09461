// Where the bytes of a launch come from: first-level caches of the cores, the second level, memory. A model, for
// predictions: groups run one after the other, each on the core whose turn it is, so what groups do to each other's
// cache while they run together is not seen.
#pragma once

#include <cstdint>
#include <vector>

#include "xe/cache.h"

namespace xpuq::xe {

struct CacheSizes {
  int cores = 1;                 ///< with a first-level cache each
  std::uint64_t l1_bytes = 0;    ///< per core
  std::uint64_t l2_bytes = 0;
};

struct TrafficCounts {
  std::uint64_t l1_bytes = 0;    ///< lines that messages touched, times 64
  std::uint64_t l2_bytes = 0;    ///< read for first-level misses, and written through
  std::uint64_t dram_bytes = 0;  ///< read for second-level misses, and written back
};

class Traffic {
 public:
  explicit Traffic(const CacheSizes& sizes);

  /// First-level caches start a kernel empty; the second level keeps what was there.
  void begin_launch();
  void begin_group(std::uint64_t index) { core_ = static_cast<std::size_t>(index % l1_.size()); }
  void touch(std::uint64_t address, std::uint64_t bytes, bool write);

  /// Since begin_launch().
  const TrafficCounts& counts() const { return counts_; }

 private:
  std::vector<Cache> l1_;
  Cache l2_;
  std::size_t core_ = 0;
  std::uint64_t last_line_ = ~std::uint64_t{0};
  bool last_write_ = false;
  TrafficCounts counts_;
};

}  // namespace xpuq::xe
