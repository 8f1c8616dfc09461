// xpuq-run: artifact and data to answers, accuracy, timings. Links no compiler and no protobuf.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "artifact/artifact.h"
#include "driver/check_steps.h"
#include "driver/placement.h"
#include "driver/reporter.h"
#include "runtime/engine.h"
#include "samples/operands.h"
#include "samples/preprocess_options.h"
#include "support/json.h"
#include "xpuq/result.h"

namespace xpuq {

struct RunOptions {
  std::string artifact;
  std::vector<std::string> operands;
  std::optional<std::string> from_file;
  std::map<std::string, samples::PreprocessingOptions> preprocessing;  ///< overrides of the embedded record
  std::string device = "auto";
  bool cache = true;                     ///< of programs compiled on this machine
  std::optional<std::int64_t> batch;
  int threads = 0;
  std::string labels_file;
  std::string output;                    ///< -o: .npz, .npy or a folder; empty: none
  int topk = 5;
  bool softmax = true;
  bool accuracy = false;
  std::string confusion;
  std::string public_key;                ///< --require-signature: both artifacts must be signed with it; empty: need not
  std::string reference;                 ///< second artifact
  std::string expect;                    ///< .npz
  double rtol = 1e-2, atol = 1e-3;
  std::optional<double> min_sqnr;
  std::optional<std::uint64_t> max_bad;  ///< undecodable samples that may be skipped; empty: 1 %
};

/// An artifact opened on a device; what every mode of xpuq-run works on.
class Session {
 public:
  /// Opens the artifact, picks the plan of `batch` (the first when empty) and loads it on a device (see place()).
  static Result<Session> open(const std::string& artifact, const std::string& device, std::optional<std::int64_t> batch, const EngineOptions& options, bool cache = true, const ReadOptions& read = {});
  /// One more on the same artifact, plan and device, for another thread.
  Result<Session> another(const EngineOptions& options) const;

  const Artifact& artifact() const { return *artifact_; }
  const Plan& plan() const { return artifact_->plans[plan_index_]; }
  std::size_t plan_index() const { return plan_index_; }
  Placement& placement() const { return *placement_; }
  Executable& executable() { return *executable_; }
  /// The executable as one of a GPU, real or emulated; null on a CPU.
  const GpuExecutable* on_gpu() const { return dynamic_cast<const GpuExecutable*>(executable_.get()); }
  std::int64_t batch() const;            ///< first dimension of the first input
  double load_seconds() const { return load_seconds_; }

  /// Runs once on full-batch inputs; outputs in the plan's order.
  Result<std::vector<Tensor>> run(const std::vector<Tensor>& inputs);

 private:
  std::shared_ptr<const Artifact> artifact_;
  std::shared_ptr<Placement> placement_;
  std::unique_ptr<Executable> executable_;
  std::size_t plan_index_ = 0;
  double load_seconds_ = 0;
};

struct Prediction {
  std::string file;
  struct Top {
    int index;
    double probability;
    std::string label;
  };
  std::vector<Top> top;
};

struct Accuracy {
  std::uint64_t images = 0, top1 = 0, top5 = 0, skipped = 0;
  std::vector<std::vector<std::uint64_t>> confusion;  ///< [label][predicted]
  std::vector<std::string> class_names;
};

struct ReferenceReport {
  double top1_agreement = 0;   ///< percent
  double sqnr_db = 0;          ///< over all outputs of all samples; infinite when equal
  std::string worst_file;
  double worst_sqnr_db = 0;
  double reference_top1 = 0;   ///< percent, when labels are known
};

struct RunResult {
  std::vector<Prediction> predictions;   ///< empty when the model has no class output
  std::optional<Accuracy> accuracy;
  std::optional<ReferenceReport> reference;
  std::uint64_t samples = 0;
  std::uint64_t skipped = 0;
  std::vector<std::pair<std::string, std::string>> bad;  ///< file, why
  std::optional<Error> mismatch;         ///< --expect: first difference (E604)
  double seconds = 0;
};

/// Inference over data. `on_prediction` is called as answers come, in order.
Result<RunResult> run(const RunOptions& options, const Reporter& reporter, const std::function<void(const Prediction&)>& on_prediction);

struct BenchOptions {
  double warmup_seconds = 0.2;
  double seconds = 3;
  std::uint64_t iterations = 10;
  int streams = 1;
  enum class Count { compute, transfer, all } count = Count::transfer;
};

struct BenchResult {
  std::int64_t batch = 1;
  int streams = 1;
  std::uint64_t iterations = 0;
  double seconds = 0;
  double throughput = 0;                 ///< inferences of one sample a second
  std::vector<double> latency_ms;        ///< one an iteration, in order
  double min = 0, mean = 0, median = 0, max = 0, std = 0;
  double load_ms = 0, first_ms = 0;
  std::uint64_t memory_bytes = 0;        ///< arena, scratchpad and packed weights
  std::uint64_t peak_rss_bytes = 0;
  std::uint64_t instructions = 0;        ///< of one inference, where the device counts them
};

/// Random inputs from a fixed seed.
Result<BenchResult> bench(const RunOptions& options, const BenchOptions& bench, const Reporter& reporter);
/// Nearest-rank percentile of unsorted values; `p` in (0, 100].
double percentile(std::vector<double> values, double p);

struct LayerTime {
  std::size_t index;
  std::vector<std::string> nodes;
  std::string op, primitive, implementation, types;
  double mean_ms, percent;
  StepWork work;  ///< as the device counted, else operations and dram_bytes as the plan has them
};
struct LayerProfile {
  std::vector<LayerTime> layers;
  bool predicted = false;  ///< times come from a model of the device, from one run
  Roofs roofs;
};
/// A separate pass with times per step.
Result<LayerProfile> profile_layers(const RunOptions& options, const BenchOptions& bench, const Reporter& reporter);

struct SelfTestReport {
  std::size_t tests = 0, passed = 0;
  std::optional<Error> failure;  ///< E605: first output or step that differs
  StepReport steps;              ///< on a GPU: every step beside the interpreter
};
Result<SelfTestReport> self_test(const RunOptions& options, const Reporter& reporter);

/// The document of --info; opens no device. `verify` checks every section.
Result<Json> artifact_info(const std::string& artifact, const ReadOptions& read);

}  // namespace xpuq
