// Fixed-point filter weights of one axis (cli.md 2.2, points 3 and 4).
#pragma once

#include <cstdint>
#include <vector>

#include "samples/resample.h"

namespace xpuq::samples {

/// Pillow's precision: 32 bits less 8 for the sample and 2 for the overshoot of the filter.
inline constexpr int kWeightBits = 22;

/// Taps and weights of the outputs begin..end of one axis. A weight is split as high * 2^15 + low with low in
/// 0..2^15-1, so that a kernel can multiply 16-bit numbers and still get every bit of the 32-bit sum.
struct AxisWeights {
  struct Output {
    std::int32_t first;  ///< first source index
    std::int32_t count;  ///< taps; 0 only when the filter's support holds no sample
    std::size_t at;      ///< of the first weight in low and high
  };
  std::vector<Output> outputs;
  std::vector<std::int16_t> low;
  std::vector<std::int16_t> high;

  /// Source indices used by any output: first_source <= index < end_source.
  std::int32_t first_source() const;
  std::int32_t end_source() const;
};

/// Weights of the outputs begin <= i < begin + count when `in` samples become `out`. Bilinear or bicubic (a = -0.5).
/// scale = in/out; support = R * max(scale, 1); computed and normalised in double, then int(w * 2^22 +- 0.5).
AxisWeights axis_weights(int in, int out, int begin, int count, Interpolation interpolation);

}  // namespace xpuq::samples
