#include "support/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>

namespace xpuq {

std::uint32_t crc32c(std::span<const std::byte> bytes) {
  // The library takes an int length and a running value without the customary inversions.
  constexpr std::size_t kChunk = std::size_t{1} << 30;
  std::uint32_t crc = 0xFFFFFFFFu;
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(kChunk, bytes.size()));
    auto* data = reinterpret_cast<unsigned char*>(const_cast<std::byte*>(part.data()));
    crc = crc32_iscsi(data, static_cast<int>(part.size()), crc);
    bytes = bytes.subspan(part.size());
  }
  return ~crc;
}

}  // namespace xpuq
