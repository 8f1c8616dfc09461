#include "xe/traffic.h"

#include <algorithm>

namespace xpuq::xe {

Traffic::Traffic(const CacheSizes& sizes) : l1_(static_cast<std::size_t>(std::max(sizes.cores, 1)), Cache(sizes.l1_bytes)), l2_(sizes.l2_bytes) {}

void Traffic::begin_launch() {
  for (Cache& c : l1_) c.clear();
  core_ = 0;
  last_line_ = ~std::uint64_t{0};
  counts_ = {};
}

void Traffic::touch(std::uint64_t address, std::uint64_t bytes, bool write) {
  if (bytes == 0) return;
  const auto second = [&](std::uint64_t line) {
    counts_.l2_bytes += kCacheLine;
    const Cache::Outcome o = l2_.touch(line, write);
    // A line that is written is taken to be written whole, so nothing is read for it.
    counts_.dram_bytes += kCacheLine * ((!o.hit && !write) + o.evicted_dirty);
  };
  for (std::uint64_t line = address / kCacheLine; line <= (address + bytes - 1) / kCacheLine; ++line) {
    // Channels of one message that meet in a line take it once.
    if (line == last_line_ && write == last_write_) continue;
    last_line_ = line;
    last_write_ = write;
    counts_.l1_bytes += kCacheLine;
    // The first level writes through.
    if (const bool hit = l1_[core_].touch(line, false).hit; write || !hit) second(line);
  }
}

}  // namespace xpuq::xe
