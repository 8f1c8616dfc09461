// CRC-32C (Castagnoli, RFC 3720 appendix B.4), by Intel's ISA-L.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace xpuq {
std::uint32_t crc32c(std::span<const std::byte> bytes);
}
