// The observers of one calibration: one per value, one per group of values that share an observer.
#pragma once

#include <string>
#include <vector>

#include "ir/graph.h"
#include "profile/profile.h"
#include "qmath/histogram_observer.h"
#include "quantize/observation.h"
#include "xpuq/result.h"

namespace xpuq {

class Statistics {
 public:
  Statistics(const Graph& normalized, const ObservationPlan& plan, qmath::HistogramObserver::Options options);

  /// Takes in one forward: `values[i]` are the elements of observed value i. All cores; each observer sees its values
  /// in execution order, so that the result does not depend on the number of threads. E405 names the first node in
  /// execution order whose values cannot be used; `sample` is what was running.
  Result<void> observe(const std::vector<std::span<const float>>& values, const std::string& sample, int threads);

  /// Infinities dropped so far, as the first value that had any; empty when there were none.
  std::string nonfinite_report() const;

  void store(Profile& profile) const;
  /// Goes on from what store() wrote. False when the profile has other values or groups.
  bool restore(const Profile& profile);

 private:
  std::vector<ProfileValue> descriptions_;                 // without statistics
  std::vector<std::vector<std::uint32_t>> groups_;
  std::vector<qmath::HistogramObserver> value_observers_;
  std::vector<qmath::HistogramObserver> group_observers_;
};

}  // namespace xpuq
