// What an observer remembers of one value: enough for every range rule, so that a profile stores statistics and not
// scales (cli.md 3.1). Plain data; HistogramObserver makes it, range_rules.h reads it, src/profile stores it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "xpuq/result.h"

namespace xpuq::qmath {

/// Bins of the reference observer. Another number is allowed and leaves the reference numerics (W016).
inline constexpr std::size_t kReferenceBins = 2048;
inline constexpr std::size_t kLeastBins = 16;
inline constexpr std::size_t kMostBins = 65536;
/// Averaging constant of torch.ao's MovingAverageMinMaxObserver.
inline constexpr float kMovingConstant = 0.01f;

/// Counts over equal bins of [lo, hi]. Counts are f32 and may be fractional: re-binning spreads a bin over others.
struct Histogram {
  float lo = std::numeric_limits<float>::infinity();
  float hi = -std::numeric_limits<float>::infinity();
  std::vector<float> counts = std::vector<float>(kReferenceBins);

  bool empty() const { return lo > hi; }
  bool operator==(const Histogram&) const = default;
};

/// Statistics of one observer. The default is "never observed": (+inf, -inf) everywhere and zero counts.
struct ObserverState {
  float min = std::numeric_limits<float>::infinity();
  float max = -std::numeric_limits<float>::infinity();
  Histogram histogram;  ///< over [min, max], unless a person has edited min or max
  float moving_lo = std::numeric_limits<float>::infinity();   ///< moving average of the minimum of each forward
  float moving_hi = -std::numeric_limits<float>::infinity();
  float moving_constant = kMovingConstant;  ///< weight of the newest forward in it
  std::uint64_t count = 0;      ///< finite elements observed
  std::uint64_t nonfinite = 0;  ///< infinities dropped

  bool never_observed() const { return min > max; }
  /// True when min and max were edited in a profile: then they are the range, whatever the rule.
  bool hand_set() const { return !never_observed() && (min != histogram.lo || max != histogram.hi); }
  bool operator==(const ObserverState&) const = default;
};

/// Joins the statistics of disjoint sets of samples, all made with the same bins and moving constant. Every histogram
/// is re-binned once, straight to the union of all ranges and by the observer's own rule, then added in the order
/// given; so a count moves by at most one bin of the union. Min, max and the counters are exact; the moving averages
/// become their mean weighted by element count (the order of forwards across shards is not known).
/// Error E405, without `who`, when the union of the ranges does not fit f32.
Result<ObserverState> merge_states(std::span<const ObserverState* const> states);

}  // namespace xpuq::qmath
