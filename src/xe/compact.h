// Instructions of 8 bytes: indices into tables of common bit patterns, expanded to the full 16 bytes.
#pragma once

#include <cstdint>
#include <optional>

#include "xe/platform.h"

namespace xpuq::xe {

/// The 128 bits of an instruction; bit 0 is the lowest of `low`.
struct Bits128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  /// Bits [at, at + count), count 1..32, not across bit 64.
  std::uint32_t get(int at, int count) const {
    const std::uint64_t word = at < 64 ? low : high;
    return static_cast<std::uint32_t>((word >> (at & 63)) & ((std::uint64_t{1} << count) - 1));
  }
  bool bit(int at) const { return get(at, 1) != 0; }
  /// Ors `value` in at bit `at`; not across bit 64.
  void put(int at, std::uint64_t value) { (at < 64 ? low : high) |= value << (at & 63); }
  bool operator==(const Bits128&) const = default;
};

/// Bit 29 of an instruction says that it is compact.
inline bool is_compact(std::uint64_t low) { return (low >> 29 & 1) != 0; }

/// The full form of a compact instruction; nothing if its opcode has no compact form.
std::optional<Bits128> expand_compact(Encoding encoding, std::uint64_t compact);

}  // namespace xpuq::xe
