#include "driver/source_statistics.h"

#include <algorithm>

#include "driver/plan_runner.h"
#include "driver/statistics.h"
#include "pipeline/pipeline.h"
#include "qmath/adaptive_rounding.h"
#include "quantize/layer_taps.h"
#include "quantize/observation.h"
#include "support/parallel.h"

namespace xpuq {
namespace {

constexpr std::int64_t kPositions = 64;  ///< of each batch that moments are taken at

/// Which observed value a layer reads.
std::vector<std::size_t> sources_of(const Graph& graph, const std::vector<NodeId>& layers) {
  const std::vector<ValueId> observed = plan_observation(graph).values;
  std::vector<std::size_t> out;
  for (NodeId n : layers)
    out.push_back(static_cast<std::size_t>(std::find(observed.begin(), observed.end(), graph.node(n).inputs[0]) - observed.begin()));
  return out;
}

}  // namespace

int FloatRuns::threads() const { return threads_ > 0 ? threads_ : available_threads(); }

Result<void> FloatRuns::for_each(const std::function<Result<void>(const std::vector<std::span<const float>>&, const std::string&)>& take) const {
  PipelineRecord record;
  XPUQ_ASSIGN(Lowered lowered, build_observed(graph_, record));
  XPUQ_ASSIGN(const std::shared_ptr<Engine> engine, load_engine("cpu"));
  XPUQ_ASSIGN(PlanRunner runner, PlanRunner::load(*engine, std::move(lowered.plan), threads_));
  std::size_t done = 0;
  return pictures_.for_each(reporter_, [&](const std::vector<Tensor>& inputs, const std::vector<samples::Sample>& samples) -> Result<void> {
    XPUQ_TRY(runner.run(inputs));
    std::vector<std::span<const float>> values;
    for (std::uint32_t v : lowered.observed) values.push_back(runner.value(v, inputs));
    XPUQ_TRY(take(values, samples.front().name));
    reporter_.progress("fit", done += samples.size(), pictures_.size());
    return {};
  });
}

Result<ChannelRanges> measure_channel_ranges(const FloatRuns& runs) {
  const Graph& graph = runs.graph();
  const std::vector<ValueId> observed = plan_observation(graph).values;
  std::vector<std::vector<ChannelRange>> found(observed.size());
  XPUQ_TRY(runs.for_each([&](const auto& values, const std::string&) -> Result<void> {
    parallel_for(observed.size(), runs.threads(), [&](std::size_t v) {
      const Shape& shape = graph.value(observed[v]).type.shape;
      if (shape.size() < 2 || values[v].empty()) return;
      const auto channels = static_cast<std::size_t>(shape[1]), inner = values[v].size() / static_cast<std::size_t>(shape[0] * shape[1]);
      found[v].resize(channels);
      for (std::size_t i = 0; i < values[v].size(); ++i) {
        ChannelRange& range = found[v][i / inner % channels];
        range.lo = std::min(range.lo, values[v][i]);
        range.hi = std::max(range.hi, values[v][i]);
      }
    });
    return {};
  }));
  ChannelRanges ranges;
  for (std::size_t v = 0; v < observed.size(); ++v)
    if (!found[v].empty()) ranges[graph.value(observed[v]).name] = std::move(found[v]);
  return ranges;
}

Result<std::map<std::string, std::vector<float>>> measure_channel_means(const FloatRuns& runs, const std::vector<NodeId>& layers) {
  const Graph& graph = runs.graph();
  const std::vector<std::size_t> sources = sources_of(graph, layers);
  std::vector<std::vector<double>> sums(layers.size());
  std::uint64_t batches = 0;
  XPUQ_TRY(runs.for_each([&](const auto& values, const std::string&) -> Result<void> {
    parallel_for(layers.size(), runs.threads(), [&](std::size_t l) {
      const ChannelAxis axis = source_channels(graph, layers[l]);
      sums[l].resize(static_cast<std::size_t>(axis.channels));
      const std::span<const float> x = values[sources[l]];
      for (std::size_t i = 0; i < x.size(); ++i) sums[l][i / static_cast<std::size_t>(axis.inner) % sums[l].size()] += x[i];
    });
    ++batches;
    return {};
  }));
  std::map<std::string, std::vector<float>> means;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const ChannelAxis axis = source_channels(graph, layers[l]);
    const double count = static_cast<double>(axis.outer * axis.inner) * static_cast<double>(batches);
    std::vector<float>& m = means[graph.output_of(layers[l]).name];
    for (double sum : sums[l]) m.push_back(static_cast<float>(sum / count));
  }
  return means;
}

std::uint64_t moment_bytes(const Graph& graph, NodeId layer) {
  const LayerTaps taps(graph, layer);
  return static_cast<std::uint64_t>(taps.groups()) * static_cast<std::uint64_t>(taps.taps()) * static_cast<std::uint64_t>(taps.taps()) * sizeof(float);
}

Result<std::vector<std::vector<float>>> measure_moments(const FloatRuns& runs, const std::vector<NodeId>& layers) {
  const Graph& graph = runs.graph();
  const std::vector<std::size_t> sources = sources_of(graph, layers);
  std::vector<std::vector<float>> moments(layers.size());
  for (std::size_t l = 0; l < layers.size(); ++l) moments[l].resize(moment_bytes(graph, layers[l]) / sizeof(float));
  std::int64_t batch = 0;
  XPUQ_TRY(runs.for_each([&](const auto& values, const std::string&) -> Result<void> {
    parallel_for(layers.size(), runs.threads(), [&](std::size_t l) {
      const LayerTaps taps(graph, layers[l]);
      const auto size = static_cast<std::size_t>(taps.taps());
      const std::int64_t stride = std::max<std::int64_t>(1, taps.positions() / kPositions);
      std::vector<float> x(size);
      for (std::int64_t p = batch * 7 % stride; p < taps.positions(); p += stride)
        for (std::int64_t g = 0; g < taps.groups(); ++g) {
          taps.gather(values[sources[l]], g, p, x);
          qmath::add_moments(x, std::span(moments[l]).subspan(static_cast<std::size_t>(g) * size * size, size * size));
        }
    });
    ++batch;
    return {};
  }));
  return moments;
}

Result<void> measure_statistics(const FloatRuns& runs, Profile& profile) {
  const std::size_t bins = profile.values.empty() ? qmath::kReferenceBins : profile.values[0].stats.histogram.counts.size();
  Statistics statistics(runs.graph(), plan_observation(runs.graph()), {.bins = bins, .moving_constant = profile.moving_constant});
  XPUQ_TRY(runs.for_each([&](const auto& values, const std::string& sample) { return statistics.observe(values, sample, runs.threads()); }));
  statistics.store(profile);
  return {};
}

}  // namespace xpuq
