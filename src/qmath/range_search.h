// The least-squares range search of the histogram observer (pt2e-semantics 2.5, 2.6; torchao
// HistogramObserver._non_linear_param_search is the reference implementation).
#pragma once

#include "qmath/observer_state.h"

namespace xpuq::qmath {

/// A range of reals chosen for quantization; (+inf, -inf) for something never observed.
struct Range {
  float lo = std::numeric_limits<float>::infinity();
  float hi = -std::numeric_limits<float>::infinity();

  bool empty() const { return lo > hi; }
  bool operator==(const Range&) const = default;
};

/// Moves the end that loses less mass inwards, one quantile step of 1e-5 after the other, until the estimated squared
/// error of 256 codes over what is left would grow. Bit exact for 2048 bins. Empty for an empty histogram.
Range search_range(const Histogram& histogram);

}  // namespace xpuq::qmath
