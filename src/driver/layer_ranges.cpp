#include "driver/layer_ranges.h"

#include <algorithm>
#include <string_view>

#include "qmath/range_rules.h"

namespace xpuq {
namespace {

/// Sums of neighbouring bins, so that a page can hold one histogram a layer.
std::vector<float> condense(const std::vector<float>& counts) {
  const std::size_t bars = std::min(counts.size(), kHistogramBars);
  std::vector<double> sums(bars);
  for (std::size_t k = 0; k < counts.size(); ++k) sums[k * bars / counts.size()] += counts[k];
  return {sums.begin(), sums.end()};
}

/// Statistics of the value that `value` quantizes, or of itself: the convert pass names a quantized form NAME.q.
const ProfileValue* observed(const Profile& profile, const Value& value) {
  if (const ProfileValue* found = profile.find(value.name)) return found;
  const std::string_view name = value.name;
  return value.type.quant && name.ends_with(".q") ? profile.find(name.substr(0, name.size() - 2)) : nullptr;
}

ActivationReport describe(const Value& value, const ProfileValue* statistics) {
  ActivationReport a;
  a.name = statistics ? statistics->name : value.name;
  a.type = std::string(to_string(value.type.dtype));
  a.shape = to_string(value.type.shape);
  if (value.type.quant && value.type.quant->scales.size() == 1) {
    const bool is_signed = value.type.dtype == DataType::s8;
    a.scale = value.type.quant->scales[0];
    a.zero_point = value.type.quant->zero_points[0];
    a.chosen = Interval{static_cast<float>((is_signed ? -128 : 0) - a.zero_point) * *a.scale, static_cast<float>((is_signed ? 127 : 255) - a.zero_point) * *a.scale};
  }
  if (!statistics || statistics->stats.histogram.empty()) return a;
  const qmath::Histogram& histogram = statistics->stats.histogram;
  a.observed = Interval{histogram.lo, histogram.hi};
  a.histogram = condense(histogram.counts);
  // What lies within half a step of the last code is rounded, not clipped.
  if (a.chosen) a.clipped_percent = 100 * qmath::clipped_fraction(histogram, {a.chosen->lo - *a.scale / 2, a.chosen->hi + *a.scale / 2});
  return a;
}

WeightReport describe_weights(const Value& wei) {
  WeightReport w;
  w.shape = to_string(wei.type.shape);
  if (wei.is_constant()) w.f32_bytes = static_cast<std::uint64_t>(wei.type.elements()) * sizeof(float);
  if (!wei.type.quant || wei.type.quant->scales.empty()) return w;
  const auto [lo, hi] = std::minmax_element(wei.type.quant->scales.begin(), wei.type.quant->scales.end());
  w.scale = Interval{*lo, *hi};
  w.scales = wei.type.quant->scales.size();
  return w;
}

}  // namespace

void add_ranges(std::vector<LayerReport>& layers, const Graph& final_graph, const Profile* profile) {
  for (LayerReport& row : layers) {
    const NodeId n = final_graph.order()[row.index];
    const Value& in = final_graph.input_of(n, 0);
    const Value& out = final_graph.output_of(n);
    // What the layer read before passes moved or renamed it is what the observer saw.
    const ProfileValue* source = profile ? profile->find(row.source.name) : nullptr;
    if (profile && !source) source = observed(*profile, in);
    row.source = describe(in, source);
    row.destination = describe(out, profile ? observed(*profile, out) : nullptr);
    row.weights = describe_weights(final_graph.input_of(n, 1));
  }
}

}  // namespace xpuq
