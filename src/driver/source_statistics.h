// What weighted layers read, over a set of pictures: ranges and means of channels, second moments of taps.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "driver/sample_batches.h"
#include "ir/graph.h"
#include "passes/pass.h"
#include "profile/profile.h"
#include "runtime/engine.h"

namespace xpuq {

/// Runs a normalized float graph over pictures and shows every batch's observed values (see plan_observation).
class FloatRuns {
 public:
  FloatRuns(const Graph& graph, const SampleBatches& pictures, int threads, const Reporter& reporter)
      : graph_(graph), pictures_(pictures), threads_(threads), reporter_(reporter) {}

  const Graph& graph() const { return graph_; }
  int threads() const;
  /// `values[i]`: elements of the i-th value of plan_observation(graph).
  Result<void> for_each(const std::function<Result<void>(const std::vector<std::span<const float>>& values, const std::string& sample)>& take) const;

 private:
  const Graph& graph_;
  const SampleBatches& pictures_;
  const int threads_;
  const Reporter& reporter_;
};

/// Of the observed values with at least two axes.
Result<ChannelRanges> measure_channel_ranges(const FloatRuns& runs);

/// Mean of each channel of what a layer reads, by the layer's result.
Result<std::map<std::string, std::vector<float>>> measure_channel_means(const FloatRuns& runs, const std::vector<NodeId>& layers);

/// E[x x^T] (up to a factor) of the taps of each layer, one matrix a group, at positions spread over each picture; in
/// the order of `layers`.
Result<std::vector<std::vector<float>>> measure_moments(const FloatRuns& runs, const std::vector<NodeId>& layers);
/// Bytes that it takes for one layer.
std::uint64_t moment_bytes(const Graph& graph, NodeId layer);

/// The profile's values and groups anew, for a graph that was changed.
Result<void> measure_statistics(const FloatRuns& runs, Profile& profile);

}  // namespace xpuq
