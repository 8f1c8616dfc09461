// The transforms of Winograd's F(2x2, 3x3) in integers.
//   V = B^T d B           4x4 inputs, |V| <= 4 * 255
//   U = (2G) g (2G)^T     3x3 weights, |U| <= 9 * 128; twice G in each direction, so that no half appears
//   M = sum over ic U V   16 products per tile of 2x2 outputs instead of 36
//   4 y = A^T M A         exactly four times the sum that direct convolution gives
// Everything is integer, so the result is that of direct convolution, bit for bit. Sums may wrap on the way; 4 y does
// not for up to kMaxWinogradChannels input channels, and then the wrapped result is the right one.
#pragma once

#include <cstdint>

namespace xpuq::cpu {

inline constexpr std::int64_t kMaxWinogradChannels = 1824;  // 4 * 9 * 255 * 128 * ic < 2^31

/// U of one 3x3 kernel, row-major 4x4.
void winograd_weights(const std::int8_t* kernel, std::int16_t* u);

/// V of `channels` channels (a multiple of 16) of the tile whose first element is at `frame`; element k of 4x4 goes to
/// v + k * plane. Strides in elements.
void winograd_input(const std::int16_t* frame, std::int64_t row_stride, std::int64_t pixel_stride,
                    std::int64_t channels, std::int16_t* v, std::int64_t plane);

/// The 2x2 sums of sixteen channels: element k of M at m + k * plane; the upper two go to upper and upper + 16, the
/// lower two likewise.
void winograd_output(const std::int32_t* m, std::int64_t plane, std::int32_t* upper, std::int32_t* lower);

}  // namespace xpuq::cpu
