#include "xe/cache.h"

#include <algorithm>

namespace xpuq::xe {

Cache::Cache(std::uint64_t bytes, int ways)
    : ways_(static_cast<std::size_t>(ways)), sets_(static_cast<std::size_t>(std::max<std::uint64_t>(bytes / kCacheLine / static_cast<std::uint64_t>(ways), 1))), entries_(ways_ * sets_) {}

Cache::Outcome Cache::touch(std::uint64_t line, bool dirty) {
  ++now_;
  // Neighbouring lines in neighbouring sets; upper bits mixed in so that power-of-two strides do not meet in one set.
  Entry* set = entries_.data() + ((line ^ (line >> 12) * 0x9e5) % sets_) * ways_;
  Entry* oldest = set;
  for (Entry* e = set; e != set + ways_; ++e) {
    if (e->line == line) {
      e->used = now_;
      e->dirty |= dirty;
      return {true, false};
    }
    if (e->used < oldest->used) oldest = e;
  }
  const bool evicted = oldest->dirty;
  *oldest = {line, now_, dirty};
  return {false, evicted};
}

void Cache::clear() { std::fill(entries_.begin(), entries_.end(), Entry{}); }

}  // namespace xpuq::xe
