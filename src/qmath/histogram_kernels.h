// The two passes over a tensor that calibration spends its time in (pt2e-semantics 2.1, 2.2; torch.aminmax and
// torch.histc are the reference implementations). Results do not depend on the instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace xpuq::qmath {

/// Smallest and largest element. A zero bound is always +0.0, so that no bit depends on the order of the search.
/// NaN elements are left out of lo and hi and only reported; nothing else seen gives (+inf, -inf).
struct Extent {
  float lo, hi;
  bool has_nan;
};
Extent find_extent(std::span<const float> x);
/// The same over the finite elements; `finite` counts them.
Extent find_finite_extent(std::span<const float> x, std::uint64_t& finite);

/// The range that histc really bins over: [lo, hi], or widened by at least 1 on both sides when lo == hi (2.2).
struct BinRange {
  float lo, hi, width;  ///< width = fl(hi - lo), finite and > 0
};
/// Empty when hi - lo overflows f32, where the reference fails.
std::optional<BinRange> bin_range(float lo, float hi);

/// Counts the elements of x per bin: bin = trunc(fl(fl(fl(x - lo) * bins) / width)), the last bin closed. Elements
/// outside the range are skipped. One bin stops at 2^24, as a counter kept in f32 does.
std::vector<float> histc(std::span<const float> x, const BinRange& range, std::size_t bins);

}  // namespace xpuq::qmath
