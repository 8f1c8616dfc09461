// The transforms of Winograd's minimal filtering F(m x m, 3x3) in integers, m = 2 or 4 (Winograd 1980; Lavin and Gray,
// "Fast algorithms for convolutional neural networks", 2016, for the matrices).
//   V = B^T d B          (m+2)^2 inputs of a tile
//   U = (S G) g (S G)^T  a 3x3 kernel; the diagonal S clears the fractions of G
//   M = sum over ic U V  (m+2)^2 products per tile of m x m outputs instead of 9 m^2: 16 for 36, 36 for 144
//   s y = A^T S' M S' A  with s = 4 (m = 2) or 576 = 24^2 (m = 4); S' = sqrt(s) S^-1 is whole
// V and U fit into 16 bits whatever the numbers are. M and the last sums are taken modulo 2^32: as s is 2^k times an odd
// number, y follows modulo 2^(32-k), which is y itself as long as it is small enough. So the result is that of direct
// convolution, bit for bit.
#pragma once

#include <cstdint>

namespace xpuq::cpu {

struct WinogradForm {
  int outputs;  ///< m
  int size;     ///< m + 2
  /// Largest sum of |weight| of one output channel over the input channels that are summed in one go.
  std::int64_t max_weight_sum;

  /// U of 32 kernels at once: tap t (row-major) of kernel i is taps[t * 32 + i], element k of its U goes to
  /// u[k * plane + i].
  void (*weights)(const std::int16_t* taps, std::int16_t* u, std::int64_t plane);
  /// V of `channels` channels (a multiple of 16) of the tile whose first element is at `frame`; element k goes to
  /// v + k * plane. Strides in elements.
  void (*input)(const std::int16_t* frame, std::int64_t row_stride, std::int64_t pixel_stride, std::int64_t channels,
                std::int16_t* v, std::int64_t plane);
  /// The m x m sums of sixteen channels, element k of M at m + k * plane: sum (y, x) goes to, or with `add` is added
  /// to, sums + y * row_stride + x * 16.
  void (*output)(const std::int32_t* m, std::int64_t plane, std::int32_t* sums, std::int64_t row_stride, bool add);
};

/// `outputs` is 2 or 4.
const WinogradForm& winograd_form(int outputs);

}  // namespace xpuq::cpu
