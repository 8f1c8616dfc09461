// An average of codes as a code of the same scale. PyTorch dequantizes, averages in f32 and quantizes; the exact integer
// average gives the same code except where it lies in the middle between two codes: there the rounding errors of the
// f32 sum decide, so the sum is repeated in PyTorch's order (pt2e-semantics 5.3; measured: no difference elsewhere).
#pragma once

#include <cmath>
#include <cstdint>

#include "qmath/affine.h"
#include "qmath/cascade_sum.h"

namespace xpuq::qmath {

/// How PyTorch computes the average of a window: avg_pool adds in row-major order and divides once; adaptive_avg_pool
/// divides by height and then by width; to an output of 1x1 it is a mean over all positions, a cascade sum.
enum class AverageOrder { window, adaptive, mean };

struct AverageWindow {
  AverageOrder order;
  std::int64_t taps;           ///< elements inside src, visited in row-major order
  float divisor;               ///< of avg_pool and mean; the exact integer average is over as many
  float height = 1, width = 1; ///< of adaptive_avg_pool
};

/// True when `mean`, the exact average less the zero point, lies between two codes.
inline bool is_tie(float mean) { return std::abs(mean - std::nearbyint(mean)) == 0.5f; }

/// The code where is_tie says so; offset(i) is the i-th code of the window less the zero point.
template <class Offset>
std::int32_t average_of_tie(const AverageWindow& w, float scale, std::int32_t zero_point, const Offset& offset) {
  const auto real = [&](std::int64_t i) { return static_cast<float>(offset(i)) * scale; };
  float mean = 0.0f;
  if (w.order == AverageOrder::mean) {
    mean = cascade_sum(w.taps, real) / w.divisor;
  } else {
    for (std::int64_t i = 0; i < w.taps; ++i) mean += real(i);
    mean = w.order == AverageOrder::window ? mean / w.divisor : mean / w.height / w.width;
  }
  return quantize(mean, scale, zero_point);
}

}  // namespace xpuq::qmath
