#include "driver/calibrate.h"

#include <sys/resource.h>

#include <chrono>
#include <cmath>
#include <future>

#include "driver/calibration_state.h"
#include "driver/importers.h"
#include "driver/model_inputs.h"
#include "driver/plan_runner.h"
#include "driver/sensitivity.h"
#include "driver/statistics.h"
#include "qmath/range_rules.h"
#include "support/file.h"
#include "support/parallel.h"
#include "support/sha256.h"
#include "support/text.h"

namespace xpuq {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// One forward's worth of samples, decoded ahead of the engine.
struct Batch {
  std::vector<samples::Sample> rows;
  std::vector<BadFile> bad;
  std::vector<std::string> files;
  std::size_t next = 0;  ///< position in the list behind the last sample looked at
};

Batch load_batch(const samples::SampleSource& source, const std::vector<std::size_t>& selected, std::size_t from, std::int64_t size) {
  Batch batch;
  std::size_t i = from;
  for (; i < selected.size() && static_cast<std::int64_t>(batch.rows.size()) < size; ++i) {
    auto sample = source.load(selected[i]);
    if (sample) {
      batch.rows.push_back(std::move(*sample));
      batch.files.push_back(source.relative_name(selected[i]));
    } else {
      batch.bad.push_back({source.relative_name(selected[i]), sample.error().what + (sample.error().got.empty() ? "" : " (" + sample.error().got + ")")});
    }
  }
  batch.next = i;
  return batch;
}

class Calibration {
 public:
  Calibration(const CalibrateOptions& options, const Reporter& reporter) : options_(options), reporter_(reporter) {}

  Result<CalibrateResult> run() {
    const auto start = Clock::now();
    result_.output = profile_path(options_);
    XPUQ_TRY(check_profile_output(result_.output, options_.force, options_.resume));
    XPUQ_ASSIGN(rule_, qmath::parse_range_rule(options_.method));
    XPUQ_TRY(open_model());
    XPUQ_TRY(open_samples());
    if (options_.resume && file_exists(partial_path(result_.output))) XPUQ_TRY(resume());
    XPUQ_TRY(loop());
    XPUQ_TRY(finish());
    result_.seconds = seconds_since(start);
    struct rusage usage {};
    ::getrusage(RUSAGE_SELF, &usage);
    result_.peak_memory_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
    return std::move(result_);
  }

 private:
  Result<void> open_model() {
    XPUQ_ASSIGN(model_, load_model(options_.model, options_.import));
    const Graph& graph = model_->imported.graph;
    for (const std::string& note : model_->imported.notes) reporter_.warning("W010", note);
    observation_ = plan_observation(graph);
    if (observation_.values.empty())
      return make_error("E409", options_.model, "has nothing that the quantizer would quantize", "no convolution, linear or product of activations", {}, "xpuq-compile --precision f32 needs no profile");
    statistics_.emplace(graph, observation_, qmath::HistogramObserver::Options{.bins = options_.bins, .moving_constant = moving_constant()});
    PipelineRecord record;
    XPUQ_ASSIGN(Lowered lowered, build_observed(graph, record));
    observed_ = std::move(lowered.observed);
    XPUQ_ASSIGN(engine_, load_engine("cpu"));
    XPUQ_ASSIGN(runner_, PlanRunner::load(*engine_, std::move(lowered.plan), options_.threads));
    return {};
  }

  Result<void> open_samples() {
    std::vector<NamedType> inputs;
    for (ValueId v : model_->imported.graph.inputs()) inputs.emplace_back(model_->imported.graph.value(v).name, model_->imported.graph.value(v).type);
    XPUQ_ASSIGN(specs_, make_input_specs(inputs, options_.preprocessing, nullptr, reporter_));
    batch_ = specs_.empty() || specs_[0].shape.empty() ? 1 : specs_[0].shape[0];
    XPUQ_ASSIGN(source_, samples::SampleSource::open(options_.operands, specs_, {.from_file = options_.from_file, .allow_generated = false, .labels = {}}));
    for (const auto& w : source_->warnings()) reporter_.warning(w.code, w.message);
    const std::uint64_t wanted = options_.images.value_or(source_->size());
    result_.requested = wanted;
    std::vector<std::size_t> all = samples::select_indices(source_->size(), static_cast<std::size_t>(wanted), options_.select, options_.seed);
    if (options_.images && all.size() < wanted)
      reporter_.warning("W014", std::to_string(wanted) + " samples asked for, " + std::to_string(all.size()) + " are there: all are used");
    if (all.size() < 32) reporter_.warning("W015", "only " + std::to_string(all.size()) + " samples: ranges may be poor (32 or more are advised)");
    if (options_.bins != qmath::kReferenceBins) reporter_.warning("W016", "--bins " + std::to_string(options_.bins) + " leaves the reference numerics (2048)");
    Sha256 list;
    for (std::size_t i : all) list.update(source_->relative_name(i) + "\n");
    list_sha256_ = list.hex();
    if (options_.shard)
      for (std::size_t i = options_.shard->index - 1; i < all.size(); i += options_.shard->count) selected_.push_back(all[i]);
    else selected_ = std::move(all);
    return {};
  }

  float moving_constant() const {
    return rule_.method == qmath::RangeMethod::moving_average ? static_cast<float>(rule_.parameter) : qmath::kMovingConstant;
  }

  /// Everything that must be equal for a calibration to be the same one.
  std::string key() const {
    Sha256 h;
    h.update(model_->hash.graph + model_->hash.weights + list_sha256_ + qmath::to_string(rule_) + preprocessing_record(specs_).dump());
    h.update(" " + std::to_string(options_.bins) + " " + std::to_string(batch_) + " " + std::to_string(selected_.size()));
    if (options_.shard) h.update(" shard " + std::to_string(options_.shard->index) + "/" + std::to_string(options_.shard->count));
    return h.hex();
  }

  Result<void> resume() {
    XPUQ_ASSIGN(CalibrationState state, load_partial(result_.output, key()));
    if (!statistics_->restore(state.profile) || state.next > selected_.size())
      return make_error("E408", partial_path(result_.output), "belongs to another model", {}, {}, "remove it, or start anew without --resume");
    next_ = state.next;
    data_ = state.profile.data;
    return {};
  }

  Result<void> save() {
    if (data_.count == 0) return {};
    return save_partial({.key = key(), .next = next_, .profile = profile()}, result_.output);
  }

  Result<void> loop() {
    const auto start = Clock::now();
    auto last_save = start;
    const std::uint64_t used_before = data_.count;
    const int threads = options_.threads > 0 ? options_.threads : available_threads();
    const auto prefetch = [&](std::size_t from) {
      return std::async(std::launch::async, [this, from] { return load_batch(*source_, selected_, from, batch_); });
    };
    std::future<Batch> ahead = prefetch(next_);
    reporter_.progress("calibrate", next_, selected_.size());
    while (next_ < selected_.size()) {
      Batch batch = ahead.get();
      if (batch.next < selected_.size()) ahead = prefetch(batch.next);
      for (const BadFile& bad : batch.bad) {
        reporter_.warning("W020", bad.file + ": skipped: " + bad.why);
        data_.bad.push_back(bad);
      }
      XPUQ_TRY(check_bad());
      if (static_cast<std::int64_t>(batch.rows.size()) < batch_) {
        data_.dropped += batch.rows.size();  // the model has a fixed batch and cannot take the rest
      } else {
        XPUQ_TRY(forward(batch, threads));
        data_.count += batch.rows.size();
        data_.files.insert(data_.files.end(), batch.files.begin(), batch.files.end());
      }
      next_ = batch.next;
      reporter_.progress("calibrate", next_, selected_.size());
      if (const int signal = reporter_.interrupted(); signal != 0 && next_ < selected_.size()) {
        XPUQ_TRY(save());
        return make_error(signal == 15 ? "E143" : "E130", result_.output, "interrupted after " + std::to_string(next_) + " of " + std::to_string(selected_.size()) + " samples", {}, {},
                                 data_.count ? "the same command with --resume" : "");
      }
      if (seconds_since(last_save) > 30) {
        XPUQ_TRY(save());
        last_save = Clock::now();
      }
    }
    const double spent = seconds_since(start);
    result_.images_per_second = spent > 0 ? static_cast<double>(data_.count - used_before) / spent : 0;
    return {};
  }

  Result<void> check_bad() const {
    const double tolerated = options_.max_bad ? static_cast<double>(*options_.max_bad) : std::floor(options_.max_bad_percent / 100.0 * static_cast<double>(selected_.size()));
    if (static_cast<double>(data_.bad.size()) <= tolerated) return {};
    return make_error("E404", data_.bad[0].file, "too many samples cannot be used: " + data_.bad[0].why,
                             std::to_string(data_.bad.size()) + " bad so far", "at most " + format_fixed(tolerated, 0) + " of " + std::to_string(selected_.size()), "--max-bad, or remove the files");
  }

  Result<void> forward(const Batch& batch, int threads) {
    const std::vector<Tensor> inputs = batch_inputs(batch.rows, specs_, batch_);
    XPUQ_TRY(runner_->run(inputs));
    std::vector<std::span<const float>> values;
    for (std::uint32_t v : observed_) values.push_back(runner_->value(v, inputs));
    return statistics_->observe(values, batch.rows.size() == 1 ? batch.rows[0].name : batch.rows.front().name + "' to '" + batch.rows.back().name, threads);
  }

  Profile profile() const {
    Profile p;
    p.model.file = base_name(options_.model);
    p.model.format = model_->imported.format;
    // "opset 20" or "schema 8.20"
    const std::string number = model_->imported.version.substr(model_->imported.version.find(' ') + 1);
    if (p.model.format == "onnx") p.model.opset = std::stoull(number);
    else p.model.export_schema = number;
    p.model.graph_sha256 = model_->hash.graph;
    p.model.weights_sha256 = model_->hash.weights;
    p.preprocessing = preprocessing_record(specs_);
    p.data = data_;
    p.data.batch = static_cast<std::uint64_t>(batch_);
    p.data.selection = options_.select == samples::Selection::spread ? "spread" : options_.select == samples::Selection::first ? "first" : "random";
    p.data.seed = options_.seed;
    p.data.list_sha256 = list_sha256_;
    p.shard = options_.shard;
    p.method = qmath::to_string(rule_);
    p.moving_constant = moving_constant();
    statistics_->store(p);
    return p;
  }

  Result<void> finish() {
    if (data_.count == 0)
      return make_error("E404", options_.operands.empty() ? "data" : options_.operands[0], "no usable image", std::to_string(data_.bad.size()) + " could not be read, " + std::to_string(data_.dropped) + " did not fill a batch of " + std::to_string(batch_), {}, "more pictures, or --batch 1");
    if (const std::string report = statistics_->nonfinite_report(); !report.empty()) reporter_.warning("W022", report);
    result_.profile = profile();
    for (const ProfileValue& v : result_.profile.values)
      if (v.stats.min == v.stats.max) reporter_.warning("W017", "value '" + v.name + "' is the same in all samples (" + format_f32(v.stats.min) + ")");
    if (options_.sqnr_samples > 0) XPUQ_TRY(measure_noise());
    return {};
  }

  /// On samples spread over those of the calibration, in whole batches (the last one filled up by its last sample).
  Result<void> measure_noise() {
    std::vector<std::vector<Tensor>> batches;
    std::vector<samples::Sample> rows;
    for (std::size_t i : samples::select_indices(selected_.size(), options_.sqnr_samples, samples::Selection::spread, 0)) {
      if (auto sample = source_->load(selected_[i])) rows.push_back(std::move(*sample));  // calibration has told of bad ones
      if (rows.size() < static_cast<std::size_t>(std::max<std::int64_t>(batch_, 1))) continue;
      batches.push_back(batch_inputs(rows, specs_, batch_));
      rows.clear();
    }
    if (!rows.empty()) batches.push_back(batch_inputs(rows, specs_, batch_));
    auto measured = measure_sqnr(model_->imported.graph, batches, options_.threads, reporter_, result_.profile);
    if (measured.ok() || measured.error().code[1] != '1') return measured;
    XPUQ_TRY(save());
    measured.error().who = result_.output;
    measured.error().remedy = "the same command with --resume";
    return measured;
  }

  const CalibrateOptions& options_;
  const Reporter& reporter_;
  CalibrateResult result_;
  qmath::RangeRule rule_;
  std::optional<LoadedModel> model_;
  ObservationPlan observation_;
  std::optional<Statistics> statistics_;
  std::shared_ptr<Engine> engine_;
  std::optional<PlanRunner> runner_;
  std::vector<std::uint32_t> observed_;  ///< plan values of the observed ones
  std::vector<samples::InputSpec> specs_;
  std::int64_t batch_ = 1;
  std::optional<samples::SampleSource> source_;
  std::vector<std::size_t> selected_;
  std::string list_sha256_;
  ProfileData data_;
  std::size_t next_ = 0;
};

}  // namespace

Result<void> check_profile_output(const std::string& output, bool force, bool resume) {
  if (output == "-" || force || resume || !file_exists(output)) return {};
  return make_error("E206", output, "exists already", {}, {}, "--force to replace it, --resume to go on from " + partial_path(output) + ", or another -o");
}

std::string profile_path(const CalibrateOptions& options) { return options.output.empty() ? with_extension(options.model, ".xcal") : options.output; }

Result<CalibrateResult> measure_profile(const CalibrateOptions& options, const Reporter& reporter) { return Calibration(options, reporter).run(); }

void forget_partial(const std::string& output) { std::remove(partial_path(output).c_str()); }

Result<CalibrateResult> calibrate(const CalibrateOptions& options, const Reporter& reporter) {
  XPUQ_ASSIGN(CalibrateResult result, measure_profile(options, reporter));
  XPUQ_TRY(write_file(result.output, write_profile(result.profile)));
  forget_partial(result.output);
  return result;
}

Result<CalibrateResult> merge_shards(const std::vector<std::string>& parts, const std::string& output, bool force, const Reporter& reporter) {
  XPUQ_TRY(check_profile_output(output, force, false));
  std::vector<NamedProfile> shards;
  for (const std::string& path : parts) {
    XPUQ_ASSIGN(const MappedFile file, map_file(path, "E403"));
    std::vector<ProfileWarning> warnings;
    XPUQ_ASSIGN(Profile profile, read_profile(file.bytes, path, warnings));
    for (const ProfileWarning& w : warnings) reporter.warning(w.code, w.message);
    shards.push_back({.who = path, .profile = std::move(profile)});
  }
  XPUQ_ASSIGN(MergedProfile merged, merge_profiles(shards));
  XPUQ_TRY(write_file(output, write_profile(merged.profile)));
  CalibrateResult result;
  result.output = output;
  result.requested = merged.profile.data.count;
  result.profile = std::move(merged.profile);
  return result;
}

}  // namespace xpuq
