#include "runtime/cpu/bf16.h"

#include <bit>

#include "runtime/cpu/parallel.h"

namespace xpuq::cpu {
namespace {

constexpr std::int64_t kConversionGrain = 1 << 15;

}  // namespace

void widen_bf16(const std::uint16_t* src, std::int64_t count, float* dst) {
  parallel_ranges(count, kConversionGrain, [=](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t i = begin; i < end; ++i) dst[i] = std::bit_cast<float>(static_cast<std::uint32_t>(src[i]) << 16);
  });
}

void narrow_to_bf16(const float* src, std::int64_t count, std::uint16_t* dst) {
  parallel_ranges(count, kConversionGrain, [=](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t i = begin; i < end; ++i) {
      const auto u = std::bit_cast<std::uint32_t>(src[i]);
      const std::uint32_t rounded = (u + 0x7FFFu + ((u >> 16) & 1u)) >> 16;
      dst[i] = static_cast<std::uint16_t>((u & 0x7FFFFFFFu) > 0x7F800000u ? (u >> 16) | 0x40u : rounded);
    }
  });
}

}  // namespace xpuq::cpu
