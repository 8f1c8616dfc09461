// Pieces of the histogram observer with a prescribed order of roundings (pt2e-semantics 2.3, 2.4).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "qmath/observer_state.h"

namespace xpuq::qmath {

/// torch.linspace in f32: n points, the first half as fma(step, i, start), the second as fma(-step, n-1-i, end), with
/// step = fl(fl(end - start) / (n - 1)). One rounding per point, so std::fma is part of the result. n >= 2.
std::vector<float> linspace(float start, float end, std::size_t n);

/// Spreads a histogram over [new_lo, new_hi], which contains its range: every bin is cut into 16, and each piece goes
/// to the new bin of its middle, added in f32 in ascending order (torchao HistogramObserver._upscale_histogram).
/// from.lo < from.hi.
std::vector<float> rebin(const Histogram& from, float new_lo, float new_hi);

}  // namespace xpuq::qmath
