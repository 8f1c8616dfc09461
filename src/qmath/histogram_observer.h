// HistogramObserver of torchao, bit for bit (pt2e-semantics section 2), with the moving average of min and max beside.
#pragma once

#include <cstdint>
#include <span>

#include "qmath/affine.h"
#include "qmath/observer_state.h"
#include "qmath/range_search.h"
#include "xpuq/result.h"

namespace xpuq::qmath {

/// Streaming statistics of one value. The order of batches matters, so one observer is fed by one thread at a time;
/// different observers share nothing and may run on different threads.
class HistogramObserver {
 public:
  struct Options {
    std::size_t bins = kReferenceBins;  ///< kLeastBins..kMostBins
    float moving_constant = kMovingConstant;
  };

  HistogramObserver() : HistogramObserver(Options{}) {}
  explicit HistogramObserver(Options options);
  /// Goes on from stored statistics, bit for bit as if it had never stopped.
  explicit HistogramObserver(ObserverState state);

  /// Takes in all elements of one forward. Infinities are dropped; their number is returned, and added to
  /// state().nonfinite. Empty input, or nothing but infinities, leaves the range as it was.
  /// E405, without `who` and with the state unchanged, when x holds a NaN or when the range overflows f32.
  Result<std::uint64_t> observe(std::span<const float> x);

  /// Joins another observer's statistics, see merge_states.
  Result<void> merge(const HistogramObserver& other);

  const ObserverState& state() const { return state_; }
  /// new_min, new_max of section 2.5.
  Range range() const { return search_range(state_.histogram); }
  /// calculate_qparams: range() through choose_qparams.
  Result<TensorQuant> qparams(Scheme scheme) const;

 private:
  Result<void> update(std::span<const float> x, float lo, float hi);

  ObserverState state_;
};

}  // namespace xpuq::qmath
