// The one inner loop of resampling: a weighted sum of byte rows. Both passes use it, the horizontal one on transposed
// blocks of kBlockRows rows, so that every lane does the same work however few the taps.
#pragma once

#include <cstddef>
#include <cstdint>

namespace xpuq::samples {

inline constexpr std::size_t kBlockRows = 16;

/// out[i] = clamp((2^21 + sum over t of weight[t] * src[t * stride + i]) >> 22, 0, 255) for i < lanes, where
/// weight[t] = high[t] * 2^15 + low[t]. Sums are exact modulo 2^32, and the true sum fits (|weights| add up to < 1.5).
void weighted_rows(const std::uint8_t* src, std::size_t stride, const std::int16_t* low, const std::int16_t* high,
                   std::size_t taps, std::uint8_t* out, std::size_t lanes);

/// Transposes 16 rows of 16 bytes: to[j * to_stride + i] = from[i * from_stride + j].
void transpose_16x16(const std::uint8_t* from, std::size_t from_stride, std::uint8_t* to, std::size_t to_stride);

}  // namespace xpuq::samples
