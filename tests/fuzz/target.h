// One libFuzzer target a file:
//   XPUQ_FUZZ_TARGET(png) { decode(bytes); }
// Whatever the bytes are, a reader gives a value or an Error; anything else (a sanitizer's finding, a failed XPUQ_CHECK,
// an exception, too much memory or time) is a defect. With libFuzzer a file is a program; without (replay.cpp) all of
// them are one, which runs stored inputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xpuq::fuzz {

using Bytes = std::span<const std::byte>;

inline std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline std::span<const std::uint8_t> octets_of(Bytes bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

/// What is accepted must also be sound: `why` is the first defect, empty when there is none.
void require_sound(std::string_view why);

struct Target {
  std::string_view name;
  void (*run)(Bytes);
};
/// Of this program.
std::vector<Target>& targets();

struct Registration {
  Registration(std::string_view name, void (*run)(Bytes)) { targets().push_back({name, run}); }
};

}  // namespace xpuq::fuzz

#define XPUQ_FUZZ_TARGET(name)                                               \
  static void fuzz_##name(::xpuq::fuzz::Bytes bytes);                        \
  static const ::xpuq::fuzz::Registration registered_##name(#name, fuzz_##name); \
  static void fuzz_##name(::xpuq::fuzz::Bytes bytes)
