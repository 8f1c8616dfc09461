// A set-associative cache with least-recently-used replacement, for estimates of traffic: tags only, no data.
#pragma once

#include <cstdint>
#include <vector>

namespace xpuq::xe {

inline constexpr std::uint64_t kCacheLine = 64;

class Cache {
 public:
  /// `bytes` is rounded down to whole sets of `ways` lines; at least one set.
  explicit Cache(std::uint64_t bytes, int ways = 16);

  struct Outcome {
    bool hit = false;
    bool evicted_dirty = false;  ///< another line had to leave that memory does not have yet
  };
  /// One access to line number `line` (address / kCacheLine). A dirty line must be written back before it leaves.
  Outcome touch(std::uint64_t line, bool dirty);
  void clear();

 private:
  struct Entry {
    std::uint64_t line = ~std::uint64_t{0};
    std::uint64_t used = 0;
    bool dirty = false;
  };
  std::size_t ways_;
  std::size_t sets_;
  std::uint64_t now_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace xpuq::xe
