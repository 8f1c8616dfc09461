#include "driver/sensitivity.h"

#include <algorithm>

#include "driver/plan_runner.h"
#include "driver/sqnr.h"
#include "pipeline/pipeline.h"
#include "quantize/quantize_alone.h"

namespace xpuq {
namespace {

/// A silent output gives -infinity, which no number in a file can be.
float in_range(double db) { return static_cast<float>(std::isinf(db) && db > 0 ? db : std::clamp(db, -300.0, 300.0)); }

class Measurement {
 public:
  Measurement(const Graph& graph, const std::vector<std::vector<Tensor>>& batches, int threads, const Reporter& reporter)
      : graph_(graph), batches_(batches), threads_(threads), reporter_(reporter) {}

  Result<std::vector<std::optional<float>>> values(const Quantization& quantization) {
    const std::vector<ProfileValue>& list = quantization.profile->values;
    std::vector<std::optional<float>> db(list.size());
    XPUQ_TRY(run_float());
    for (std::size_t i = 0; i < list.size(); ++i) {
      XPUQ_TRY(step("sqnr values", i, list.size()));
      if (list[i].stats.never_observed()) continue;
      XPUQ_ASSIGN(const Graph g, quantize_value_alone(graph_, graph_.find(list[i].name), quantization));
      XPUQ_ASSIGN(const Noise noise, compare(g, false));
      db[i] = noise.output;
    }
    return db;
  }

  Result<std::vector<ProfileLayer>> layers(const Quantization& quantization) {
    const std::vector<NodeId> list = quantizable_layers(graph_, *quantization.profile);
    std::vector<ProfileLayer> measured;
    XPUQ_TRY(run_float());
    for (NodeId n : list) {
      XPUQ_TRY(step("sqnr layers", measured.size(), list.size()));
      XPUQ_ASSIGN(const Graph g, quantize_layer_alone(graph_, n, quantization));
      XPUQ_ASSIGN(const Noise noise, compare(g, true));
      const Node& node = graph_.node(n);
      const std::string& name = graph_.output_of(n).name;
      measured.push_back({.name = name, .node = node.origin.empty() ? name : node.origin[0], .sqnr_db = noise.layer, .output_sqnr_db = noise.output});
    }
    return measured;
  }

 private:
  struct Noise {
    float output = 0, layer = 0;
  };

  Result<void> step(std::string_view stage, std::size_t done, std::size_t total) const {
    reporter_.progress(stage, done, total);
    if (const int signal = reporter_.interrupted(); signal != 0)
      return make_error(signal == 15 ? "E143" : "E130", "--sqnr", "interrupted after " + std::to_string(done) + " of " + std::to_string(total));
    return {};
  }

  /// Every node a step of its own, in the float reference and beside it: what differs is quantization alone.
  Result<PlanRunner> load(const Graph& g) const {
    PipelineRecord record;
    PipelineOptions options;
    options.fuse = false;
    XPUQ_ASSIGN(Lowered lowered, build_plan(g, options, false, record, nullptr));
    return PlanRunner::load(*engine_, std::move(lowered.plan), threads_);
  }

  Result<void> run_float() {
    if (!reference_.empty()) return {};
    XPUQ_ASSIGN(engine_, load_engine("cpu"));
    XPUQ_ASSIGN(PlanRunner runner, load(graph_));
    for (const auto& inputs : batches_) {
      XPUQ_TRY(runner.run(inputs));
      std::vector<Tensor>& kept = reference_.emplace_back();
      for (const Tensor& t : runner.outputs()) std::copy_n(t.raw(), t.bytes(), kept.emplace_back(t.dtype(), t.shape()).raw());  // copies share elements
    }
    return {};
  }

  /// With `layer`, the last two outputs are that layer's in int8 and in float.
  Result<Noise> compare(const Graph& g, bool layer) const {
    XPUQ_ASSIGN(PlanRunner runner, load(g));
    Sqnr output, own;
    for (std::size_t b = 0; b < batches_.size(); ++b) {
      XPUQ_TRY(runner.run(batches_[b]));
      const std::vector<Tensor>& out = runner.outputs();
      for (std::size_t o = 0; o < reference_[b].size(); ++o)
        if (out[o].dtype() == DataType::f32) output.add(reference_[b][o].span<float>(), out[o].span<float>());
      if (layer) own.add(out[out.size() - 1].span<float>(), out[out.size() - 2].span<float>());
    }
    return Noise{in_range(output.db()), in_range(own.db())};
  }

  const Graph& graph_;
  const std::vector<std::vector<Tensor>>& batches_;
  const int threads_;
  const Reporter& reporter_;
  std::shared_ptr<Engine> engine_;
  std::vector<std::vector<Tensor>> reference_;  ///< float outputs of every batch
};

}  // namespace

Result<std::vector<ProfileLayer>> measure_layer_sqnr(const Graph& normalized, const Quantization& quantization, const std::vector<std::vector<Tensor>>& batches, int threads, const Reporter& reporter) {
  return Measurement(normalized, batches, threads, reporter).layers(quantization);
}

Result<void> measure_sqnr(const Graph& normalized, const std::vector<std::vector<Tensor>>& batches, int threads, const Reporter& reporter, Profile& profile) {
  Measurement measurement(normalized, batches, threads, reporter);
  const Quantization quantization{.recipe = {}, .profile = &profile};
  XPUQ_ASSIGN(const std::vector<std::optional<float>> values, measurement.values(quantization));
  XPUQ_ASSIGN(profile.layers, measurement.layers(quantization));
  for (std::size_t i = 0; i < values.size(); ++i) profile.values[i].sqnr_db = values[i];
  return {};
}

}  // namespace xpuq
