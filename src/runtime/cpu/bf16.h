// bf16, the upper half of an f32: conversions of whole rows, on all threads.
#pragma once

#include <cstdint>

namespace xpuq::cpu {

/// Exact.
void widen_bf16(const std::uint16_t* src, std::int64_t count, float* dst);
/// Rounds half to even; NaN stays NaN, what is beyond the largest bf16 becomes infinity.
void narrow_to_bf16(const float* src, std::int64_t count, std::uint16_t* dst);

}  // namespace xpuq::cpu
