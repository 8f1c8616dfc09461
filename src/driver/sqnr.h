// Signal-to-quantization-noise ratio.
#pragma once

#include <cmath>
#include <limits>
#include <span>

namespace xpuq {

/// Running ratio: 10 log10(sum ref^2 / sum (ref - x)^2), in dB.
class Sqnr {
 public:
  void add(std::span<const float> reference, std::span<const float> other) {
    for (std::size_t i = 0; i < reference.size(); ++i) {
      const double r = reference[i], d = r - other[i];
      signal_ += r * r;
      noise_ += d * d;
    }
  }
  /// Infinite when nothing differs.
  double db() const { return noise_ == 0 ? std::numeric_limits<double>::infinity() : 10 * std::log10(signal_ / noise_); }

 private:
  double signal_ = 0, noise_ = 0;
};

}  // namespace xpuq
