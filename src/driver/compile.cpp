#include "driver/compile.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "artifact/artifact.h"
#include "artifact/signature.h"
#include "driver/describe_artifact.h"
#include "driver/fitter.h"
#include "driver/flow_report.h"
#include "driver/importers.h"
#include "driver/layer_ranges.h"
#include "driver/layer_report.h"
#include "export/onnx/export.h"
#include "ir/text.h"
#include "plan/text.h"
#include "profile/profile.h"
#include "qmath/range_rules.h"
#include "quantize/fallback.h"
#include "quantize/recipe_file.h"
#include "runtime/engine.h"
#include "samples/labels.h"
#include "support/file.h"
#include "support/sha256.h"
#include "support/text.h"

namespace xpuq {
namespace {

/// Enough for means and moments; statistics of equalized channels are taken from as many.
constexpr std::size_t kMostFittingSamples = 256;

std::string short_hash(const std::string& hash) { return hash.size() < 12 ? hash : hash.substr(0, 8) + ".." + hash.substr(hash.size() - 4); }

class Compilation {
 public:
  Compilation(const CompileOptions& options, const Reporter& reporter) : options_(options), reporter_(reporter) {}

  Result<CompileResult> run() {
    const auto start = std::chrono::steady_clock::now();
    result_.output = options_.output.empty() ? with_extension(options_.model, ".xpuq") : options_.output;
    result_.precision = options_.precision;
    if (quantizes(options_.precision) && !stops_before(Phase::convert)) XPUQ_TRY(load_profile());

    std::vector<std::optional<std::int64_t>> batches;
    if (options_.batches.empty()) batches.push_back(options_.import.batch);
    for (std::int64_t b : options_.batches) batches.emplace_back(b);
    for (std::size_t i = 0; i < batches.size(); ++i) {
      ImportOptions import = options_.import;
      import.batch = batches[i];
      XPUQ_ASSIGN(const bool finished, compile_one(import, i == 0));
      if (!finished) return std::move(result_);
    }
    XPUQ_TRY(add_self_tests());
    if (!options_.targets.empty()) {
      XPUQ_ASSIGN(AddedTargets added, add_targets(artifact_, options_.targets, {.tune = options_.tune, .threads = options_.threads}));
      result_.targets = std::move(added.reports);
      result_.tunings = std::move(added.tunings);
      if (options_.verify) {
        XPUQ_ASSIGN(result_.verified, verify_targets(artifact_, options_.targets, options_.threads, reporter_));
      }
    }
    if (options_.cpu && options_.tune) {
      XPUQ_ASSIGN(result_.cpu_tuning, tune_cpu(artifact_, options_.threads, artifact_.targets));
    }
    XPUQ_TRY(emit());
    check_targets();
    result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return std::move(result_);
  }

 private:
  bool stops_before(Phase phase) const { return options_.stop_after && *options_.stop_after < phase; }

  Result<void> load_profile() {
    const std::string path = options_.profile.value_or(with_extension(options_.model, ".xcal"));
    if (!options_.profile && !file_exists(path)) {
      no_profile_ = path;  // a model that carries its own quantization needs none
      return {};
    }
    profile_path_ = path;
    XPUQ_ASSIGN(const MappedFile file, map_file(path, "E403"));
    result_.provenance.profile = base_name(path);
    result_.provenance.profile_sha256 = sha256_hex(file.bytes);
    std::vector<ProfileWarning> warnings;
    XPUQ_ASSIGN(profile_, read_profile(file.bytes, path, warnings));
    for (const ProfileWarning& w : warnings) {
      reporter_.warning(w.code, w.message);
      result_.notes.push_back(base_name(path) + w.message.substr(path.size()));  // a report holds no folders
    }
    return {};
  }

  /// A profile is bound to the graph it was measured on, at the batch it was measured with.
  Result<void> check_profile_fits(const LoadedModel& model, const ImportOptions& import) {
    if (options_.profile_check == CompileOptions::ProfileCheck::off) return {};
    GraphHash hash = model.hash;
    if (hash.graph != profile_->model.graph_sha256 && import.batch && *import.batch != static_cast<std::int64_t>(profile_->data.batch)) {
      ImportOptions measured = import;
      measured.batch = static_cast<std::int64_t>(profile_->data.batch);
      if (auto other = load_model(options_.model, measured)) hash = other->hash;
    }
    const std::string model_name = base_name(options_.model);
    if (hash.graph != profile_->model.graph_sha256)
      return make_error("E401", profile_path_, "made for another model", "graph " + short_hash(profile_->model.graph_sha256) + " (" + profile_->model.file + ")",
                           short_hash(hash.graph) + " (" + model_name + ")", "xpuq-calibrate " + options_.model + " IMAGES");
    if (options_.profile_check == CompileOptions::ProfileCheck::strict && hash.weights != profile_->model.weights_sha256)
      return make_error("E401", profile_path_, "made for this graph with other weights", "weights " + short_hash(profile_->model.weights_sha256) + " (" + profile_->model.file + ")",
                           short_hash(hash.weights) + " (" + model_name + ")",
                           "xpuq-calibrate " + options_.model + " IMAGES, or --profile-check graph if only weights were retrained");
    return {};
  }

  static bool carries_quantization(const Graph& graph) {
    return std::any_of(graph.order().begin(), graph.order().end(), [&](NodeId n) { return graph.node(n).op == OpKind::quantize || graph.node(n).op == OpKind::dequantize; });
  }

  PipelineOptions pipeline_options() {
    PipelineOptions p;
    p.fuse = options_.fuse;
    p.bf16 = narrows(options_.precision);
    if (!options_.dump_after.empty())
      p.after_pass = [this](const Pass& pass, const Graph& graph) {
        if (pass.name == options_.dump_after) dumped_ = to_text(graph);
      };
    return p;
  }

  /// Returns false when --stop-after ends here.
  Result<bool> compile_one(const ImportOptions& import, bool first) {
    PipelineOptions pipeline = pipeline_options();
    if (options_.stop_after == Phase::import) {
      XPUQ_ASSIGN(ImportedModel imported, import_model(options_.model, import));
      result_.dump = to_text(imported.graph);
      return false;
    }
    XPUQ_ASSIGN(LoadedModel model, load_model(options_.model, import, pipeline));
    Graph& graph = model.imported.graph;
    if (first)
      for (const std::string& note : model.imported.notes) {
        reporter_.warning("W010", note);
        result_.notes.push_back(note);
      }
    const bool int8 = quantizes(options_.precision);
    const bool own_quantization = carries_quantization(graph);
    if (int8 && !profile_ && (options_.fitting.any() || options_.search.wanted()))
      return make_error("E208", no_profile_, "no profile: fitting starts from measured ranges", {}, {}, "xpuq-calibrate " + options_.model + " IMAGES -o " + no_profile_);
    if (int8 && !profile_ && !own_quantization && !stops_before(Phase::convert))
      return make_error("E208", no_profile_, "no profile: int8 needs measured ranges", {}, {}, "xpuq-calibrate " + options_.model + " IMAGES -o " + no_profile_ + ", or --precision f32");
    if (profile_ && int8) XPUQ_TRY(check_profile_fits(model, import));
    if (first && int8) XPUQ_TRY(check_recipe(options_.recipe, graph));
    if (first && int8 && profile_) {
      XPUQ_ASSIGN(variant_.recipe.fallback, layers_to_keep_float(*profile_, options_.min_sqnr, options_.fallback_worst));
    }
    record_ = std::move(model.record);

    std::optional<SampleBatches> pictures;
    if (int8 && !options_.calibration.empty()) {
      XPUQ_ASSIGN(pictures, open_pictures(graph, {.operands = options_.calibration, .from_file = {}, .labels = {}, .most = kMostFittingSamples}));
    }
    std::optional<Fitter> fitter;
    Fitter::Fitted fitted{.graph = &graph, .profile = nullptr, .weights = nullptr, .notes = {}};
    if (int8 && profile_) {
      fitter.emplace(graph, *profile_, pictures ? &*pictures : nullptr, options_.threads, reporter_);
      if (first && options_.search.wanted()) XPUQ_TRY(search(model, *fitter, pictures ? &*pictures : nullptr));
      XPUQ_ASSIGN(fitted, fitter->fit_to(variant_.fitting, variant_.recipe));
      record_.notes.insert(record_.notes.end(), fitted.notes.begin(), fitted.notes.end());
    }
    const Quantization quantization{.recipe = variant_.recipe, .profile = fitted.profile, .fitting = fitted.weights};
    if (fitted.profile) pipeline.quantization = &quantization;
    if (options_.stop_after && *options_.stop_after <= Phase::layout) {
      Graph stopped = fitted.graph->clone();
      if (*options_.stop_after == Phase::prepare) XPUQ_TRY(run_phases(stopped, Phase::prepare, Phase::prepare, pipeline, record_));
      else if (*options_.stop_after >= Phase::convert)
        XPUQ_TRY(run_phases(stopped, Phase::convert, *options_.stop_after, pipeline, record_));
      result_.dump = to_text(stopped);
      result_.record = record_;
      return false;
    }

    Graph final_graph;
    XPUQ_ASSIGN(Lowered lowered, build_plan(*fitted.graph, pipeline, options_.strip, record_, &final_graph));
    if (options_.stop_after) {
      result_.dump = to_text(lowered.plan);
      result_.record = record_;
      return false;
    }
    if (first) {
      for (const std::string& note : record_.notes) {
        if (std::find(result_.notes.begin(), result_.notes.end(), note) != result_.notes.end()) continue;  // a pass ran again
        reporter_.warning("W023", note);
        result_.notes.push_back(note);
      }
      if (int8)
        for (std::string& note : reuse_notes(graph)) result_.notes.push_back(std::move(note));
      result_.layers = report_layers(*fitted.graph, final_graph, int8 ? &variant_.recipe : nullptr, fitted.profile);
      add_ranges(result_.layers, final_graph, fitted.profile);
      result_.flow = report_flow(final_graph);
      result_.coverage = coverage(result_.layers, result_.flow);
      add_provenance(model);
      for (ValueId v : graph.live_values())
        if (graph.value(v).is_constant()) result_.f32_bytes += graph.value(v).type.bytes();
      XPUQ_ASSIGN(artifact_.info, describe_artifact(options_, variant_, model, profile_ ? &*profile_ : nullptr, result_.coverage));
      if (!options_.labels_file.empty()) {
        XPUQ_ASSIGN(artifact_.labels, samples::load_labels(options_.labels_file));
      }
      if (!options_.dump_graph.empty()) XPUQ_TRY(write_dump(final_graph));
      if (!options_.export_qdq.empty()) XPUQ_TRY(export_qdq(*fitted.graph, pipeline));
    }
    artifact_.plans.push_back(std::move(lowered.plan));
    result_.record = record_;
    return true;
  }

  /// The graph as it is between quantization and fusion, for other engines.
  Result<void> export_qdq(const Graph& graph, const PipelineOptions& pipeline) const {
    Graph converted = graph.clone();
    PipelineRecord record;
    XPUQ_TRY(run_phases(converted, Phase::convert, Phase::convert, pipeline, record));
    XPUQ_ASSIGN(const std::string model, onnx_export::to_onnx(converted, artifact_.info["name"].get<std::string>()));
    return write_file(options_.export_qdq, model);
  }

  Result<SampleBatches> open_pictures(const Graph& graph, const SampleBatches::Options& options) const {
    std::vector<NamedType> inputs;
    for (ValueId v : graph.inputs()) inputs.emplace_back(graph.value(v).name, graph.value(v).type);
    return SampleBatches::open(options, inputs, profile_->preprocessing, reporter_);
  }

  /// Replaces variant_ by the best one found.
  Result<void> search(const LoadedModel& model, Fitter& fitter, const SampleBatches* pictures) {
    const SearchOptions& wanted = options_.search;
    std::vector<std::string> labels;
    if (!options_.labels_file.empty()) {
      XPUQ_ASSIGN(labels, samples::load_labels(options_.labels_file));
    }
    XPUQ_ASSIGN(const SampleBatches validation, open_pictures(model.imported.graph, {.operands = wanted.validate, .from_file = wanted.from_file, .labels = labels}));
    Json key = {model.hash.graph, model.hash.weights, write_profile(*profile_), recipe_json(variant_.recipe), variant_.recipe.fallback, to_string(options_.precision), options_.fuse, options_.labels_file,
                variant_.fitting.equalize, variant_.fitting.bias_correction, variant_.fitting.adaptive_rounding};
    for (const SampleBatches* list : {&validation, pictures})
      for (std::size_t i = 0; list && i < list->selected().size(); ++i) key.push_back(list->source().name(list->selected()[i]));
    const SearchInput input{.graph = model.imported.graph, .profile = *profile_, .fitter = fitter, .fits = pictures != nullptr, .bf16 = narrows(options_.precision), .fuse = options_.fuse,
                            .validation = validation, .start = variant_, .state_path = (result_.output == "-" ? with_extension(options_.model, ".xpuq") : result_.output) + ".search",
                            .key = sha256_hex(key.dump(-1, ' ', false, Json::error_handler_t::replace)), .threads = options_.threads};
    XPUQ_ASSIGN(result_.search, search_variant(input, wanted, reporter_));
    variant_ = result_.search->variant;
    return {};
  }

  void add_provenance(const LoadedModel& model) {
    Provenance& p = result_.provenance;
    p.model_format = model.imported.format;
    p.model_version = model.imported.version;
    p.graph_sha256 = model.hash.graph;
    p.weights_sha256 = model.hash.weights;
    if (!profile_) return;
    p.samples = profile_->data.count;
    p.method = variant_.recipe.method.empty() ? profile_->method : variant_.recipe.method;
  }

  Result<void> write_dump(const Graph& final_graph) const {
    const std::string& path = options_.dump_graph;
    if (!options_.dump_after.empty()) return write_file(path, dumped_);
    return write_file(path, path.ends_with(".dot") ? to_dot(final_graph) : to_text(final_graph));
  }

  Result<void> add_self_tests() {
    if (options_.self_tests <= 0) return {};
    XPUQ_ASSIGN(const std::shared_ptr<Engine> engine, load_engine("cpu"));
    for (std::uint32_t p = 0; p < artifact_.plans.size(); ++p) {
      const Plan& plan = artifact_.plans[p];
      XPUQ_ASSIGN(const std::unique_ptr<Executable> executable, engine->load(plan, {.threads = options_.threads}));
      for (int t = 0; t < options_.self_tests; ++t) {
        // Half a step of an 8-bit output and the float reordering of another engine both fit these tolerances.
        SelfTest test{.plan = p, .seed = static_cast<std::uint64_t>(t) + 1, .expected = {}, .rtol = 1e-2f, .atol = 1e-2f};
        const std::vector<Tensor> inputs = selftest_inputs(plan, test.seed);
        std::vector<const void*> in;
        std::vector<void*> out;
        for (const Tensor& i : inputs) in.push_back(i.raw());
        for (std::uint32_t v : plan.outputs) test.expected.emplace_back(plan.values[v].type.dtype, plan.values[v].type.shape);
        for (Tensor& o : test.expected) out.push_back(o.raw());
        XPUQ_TRY(executable->run(in, out));
        artifact_.self_tests.push_back(std::move(test));
      }
    }
    return {};
  }

  Result<void> emit() {
    XPUQ_ASSIGN(const std::string bytes, to_bytes(artifact_, result_.output));
    result_.bytes = bytes.size();
    if (options_.private_key.empty()) return options_.dry_run ? Result<void>{} : write_file(result_.output, bytes);
    XPUQ_ASSIGN(const std::string signature, sign(std::as_bytes(std::span(bytes)), options_.private_key));
    if (options_.dry_run) return {};
    XPUQ_TRY(write_file(result_.output, bytes));
    return write_file(signature_path(result_.output), signature);
  }

  void check_targets() {
    std::vector<const LayerReport*> lost;
    for (const LayerReport& row : result_.layers)
      if (row.wanted && !row.int8) lost.push_back(&row);
    std::stable_sort(lost.begin(), lost.end(), [](const LayerReport* a, const LayerReport* b) { return a->macs > b->macs; });
    const auto list = [&] {
      std::vector<std::string> parts;
      for (const LayerReport* row : lost) {
        if (parts.size() == 3) break;
        const double share = result_.coverage.macs_total ? 100.0 * static_cast<double>(row->macs) / static_cast<double>(result_.coverage.macs_total) : 0;
        parts.push_back("'" + row->title() + "' " + format_fixed(share, 1) + "% (" + row->reason + ")");
      }
      return std::to_string(lost.size()) + " wanted layers in float" + (parts.empty() ? "" : "; largest: " + join(parts, ", "));
    };
    if (!quantizes(options_.precision)) return;
    if (result_.search && !result_.search->met) result_.missed.push_back(search_missed());
    if (result_.coverage.percent() < options_.min_int8_coverage)
      result_.missed.push_back(make_error("E601", "--min-int8-coverage " + format_fixed(options_.min_int8_coverage, 1), "reached " + format_fixed(result_.coverage.percent(), 1) + "% of MACs", list(), {},
                                             "--report - lists every layer with its reason; the artifact was written"));
    if (options_.strict && !lost.empty())
      result_.missed.push_back(make_error("E602", "--strict", "some layers that the recipe wants in int8 are float", list(), {}, "drop --exclude and --only, or --strict; the artifact was written"));
  }

  Error search_missed() const {
    const SearchResult& s = *result_.search;
    const Evaluation& best = s.steps[s.best].evaluation;
    const SearchOptions& wanted = options_.search;
    const std::string option = wanted.drop ? "--drop " + format_fixed(*wanted.drop, 2) : "--min-output-sqnr " + format_fixed(*wanted.min_output_sqnr, 1);
    return make_error("E610", option, "not met after " + std::to_string(s.steps.size()) + " evaluations",
                      (wanted.drop ? "top-1 " + format_fixed(best.top1, 2) + "%, " : std::string()) + format_fixed(best.sqnr_db, 1) + " dB at best",
                      wanted.drop ? "top-1 of at least " + format_fixed(s.float_top1 - *wanted.drop, 2) + "% (float " + format_fixed(s.float_top1, 2) + "%)" : "at least " + format_fixed(*wanted.min_output_sqnr, 1) + " dB",
                      "a larger --max-evaluations, or --calibration PICTURES; the best artifact was written");
  }

  const CompileOptions& options_;
  const Reporter& reporter_;
  Variant variant_{.fitting = options_.fitting, .recipe = options_.recipe};  ///< with what was measured and found
  CompileResult result_;
  std::string profile_path_, no_profile_;
  std::optional<Profile> profile_;
  PipelineRecord record_;
  Artifact artifact_;
  std::string dumped_;
};

constexpr std::string_view kPrecisions[] = {"int8", "int8-bf16", "f32", "bf16"};  // in the order of the enum

}  // namespace

std::string_view to_string(Precision precision) { return kPrecisions[static_cast<std::size_t>(precision)]; }

std::optional<Precision> parse_precision(std::string_view name) {
  const auto* it = std::find(std::begin(kPrecisions), std::end(kPrecisions), name);
  if (it == std::end(kPrecisions)) return std::nullopt;
  return static_cast<Precision>(it - std::begin(kPrecisions));
}

Result<CompileResult> compile(const CompileOptions& options, const Reporter& reporter) { return Compilation(options, reporter).run(); }

}  // namespace xpuq
