#include "qmath/histogram_observer.h"

#include <algorithm>
#include <cmath>

#include "qmath/histogram_kernels.h"
#include "qmath/cascade_sum.h"
#include "qmath/rebin.h"
#include "support/check.h"
#include "support/json.h"

namespace xpuq::qmath {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

Error range_overflow(float lo, float hi) {
  return {.code = "E405", .who = {}, .what = "range is too wide for binary32",
          .got = format_f32(lo) + " to " + format_f32(hi), .expected = "values below 1e38",
          .remedy = "check --mean/--std, or the model in float", .node = {}};
}

Error has_nan(std::span<const float> x) {
  const auto first = std::find_if(x.begin(), x.end(), [](float v) { return v != v; }) - x.begin();
  const auto n = std::count_if(x.begin(), x.end(), [](float v) { return v != v; });
  return {.code = "E405", .who = {}, .what = "value holds NaN",
          .got = std::to_string(n) + " of " + std::to_string(x.size()) + " elements, the first at index " +
                 std::to_string(first),
          .expected = "finite values", .remedy = "check --mean/--std, or the model in float", .node = {}};
}

void add(std::vector<float>& to, const std::vector<float>& what) {
  for (std::size_t j = 0; j < to.size(); ++j) to[j] += what[j];
}

// The old counts over a range that contains theirs: kept, moved into the bin of their single value, or re-binned.
std::vector<float> counts_over(const Histogram& old, const BinRange& range, float lo, float hi) {
  if (lo == old.lo && hi == old.hi) return old.counts;
  if (old.lo != old.hi) return rebin(old, lo, hi);
  std::vector<float> out = histc(std::span(&old.lo, 1), range, old.counts.size());
  const float mass = cascade_sum(old.counts);
  for (float& count : out) count *= mass;
  return out;
}

// torch.ao MovingAverageMinMaxObserver: m = fl(m + fl(fl(c) * fl(x - m))).
void update_moving(ObserverState& s, float lo, float hi) {
  if (s.moving_lo > s.moving_hi) {
    s.moving_lo = lo;
    s.moving_hi = hi;
    return;
  }
  s.moving_lo += s.moving_constant * (lo - s.moving_lo);
  // Two nearly equal averages could cross by one rounding; a range must stay one.
  s.moving_hi = std::max(s.moving_lo, s.moving_hi + s.moving_constant * (hi - s.moving_hi));
}

}  // namespace

HistogramObserver::HistogramObserver(Options options) {
  XPUQ_CHECK(options.bins >= kLeastBins && options.bins <= kMostBins, "number of bins out of range");
  state_.histogram.counts.resize(options.bins);
  state_.moving_constant = options.moving_constant;
}

HistogramObserver::HistogramObserver(ObserverState state) : state_(std::move(state)) {}

Result<std::uint64_t> HistogramObserver::observe(std::span<const float> x) {
  if (x.empty()) return std::uint64_t{0};
  Extent extent = find_extent(x);
  if (extent.has_nan) return has_nan(x);
  std::uint64_t finite = x.size();
  if (extent.lo == -kInfinity || extent.hi == kInfinity) extent = find_finite_extent(x, finite);
  const std::uint64_t dropped = x.size() - finite;
  if (finite > 0) XPUQ_TRY(update(x, extent.lo, extent.hi));
  state_.count += finite;
  state_.nonfinite += dropped;
  return dropped;
}

// Section 2.1, steps 3 and 4. The update is always counted on the new range; only what was there is re-binned.
Result<void> HistogramObserver::update(std::span<const float> x, float lo, float hi) {
  Histogram& h = state_.histogram;
  const bool first = h.empty();
  const float new_lo = first ? lo : std::min(h.lo, lo), new_hi = first ? hi : std::max(h.hi, hi);
  const auto range = bin_range(new_lo, new_hi);
  if (!range) return range_overflow(new_lo, new_hi);
  std::vector<float> counts = histc(x, *range, h.counts.size());
  if (first) {
    h.counts = std::move(counts);
  } else if (new_lo == h.lo && new_hi == h.hi) {
    add(h.counts, counts);
  } else {
    add(counts, counts_over(h, *range, new_lo, new_hi));
    h.counts = std::move(counts);
  }
  h.lo = state_.min = new_lo;
  h.hi = state_.max = new_hi;
  update_moving(state_, lo, hi);
  return {};
}

Result<void> HistogramObserver::merge(const HistogramObserver& other) {
  const ObserverState* both[] = {&state_, &other.state_};
  XPUQ_ASSIGN(state_, merge_states(both));
  return {};
}

Result<TensorQuant> HistogramObserver::qparams(Scheme scheme) const {
  const Range r = range();
  return choose_qparams(r.lo, r.hi, scheme);
}

Result<ObserverState> merge_states(std::span<const ObserverState* const> states) {
  XPUQ_CHECK(!states.empty(), "nothing to merge");
  ObserverState out;
  out.histogram.counts.assign(states[0]->histogram.counts.size(), 0.0f);
  out.moving_constant = states[0]->moving_constant;
  Histogram& h = out.histogram;
  double moving_lo = 0, moving_hi = 0;
  for (const ObserverState* s : states) {
    XPUQ_CHECK(s->histogram.counts.size() == h.counts.size(), "bins differ");
    XPUQ_CHECK(s->moving_constant == out.moving_constant, "moving constants differ");
    out.count += s->count;
    out.nonfinite += s->nonfinite;
    if (s->never_observed()) continue;
    out.min = std::min(out.min, s->min);
    out.max = std::max(out.max, s->max);
    h.lo = std::min(h.lo, s->histogram.lo);
    h.hi = std::max(h.hi, s->histogram.hi);
    moving_lo += static_cast<double>(s->moving_lo) * static_cast<double>(s->count);
    moving_hi += static_cast<double>(s->moving_hi) * static_cast<double>(s->count);
  }
  if (h.empty()) return out;
  const auto range = bin_range(h.lo, h.hi);
  if (!range) return range_overflow(h.lo, h.hi);
  for (const ObserverState* s : states)
    if (!s->never_observed()) add(h.counts, counts_over(s->histogram, *range, h.lo, h.hi));
  out.moving_lo = static_cast<float>(moving_lo / static_cast<double>(out.count));
  out.moving_hi = static_cast<float>(moving_hi / static_cast<double>(out.count));
  return out;
}

}  // namespace xpuq::qmath
