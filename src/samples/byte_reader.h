// Fixed-width integers out of a byte span. The caller has checked that they lie inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace xpuq::samples {

inline std::uint32_t byte_at(std::span<const std::byte> b, std::size_t at) {
  return std::to_integer<std::uint32_t>(b[at]);
}
inline std::uint32_t read_le16(std::span<const std::byte> b, std::size_t at) {
  return byte_at(b, at) | byte_at(b, at + 1) << 8;
}
inline std::uint32_t read_be16(std::span<const std::byte> b, std::size_t at) {
  return byte_at(b, at) << 8 | byte_at(b, at + 1);
}
inline std::uint32_t read_le32(std::span<const std::byte> b, std::size_t at) {
  return read_le16(b, at) | read_le16(b, at + 2) << 16;
}
inline std::uint32_t read_be32(std::span<const std::byte> b, std::size_t at) {
  return read_be16(b, at) << 16 | read_be16(b, at + 2);
}

}  // namespace xpuq::samples
