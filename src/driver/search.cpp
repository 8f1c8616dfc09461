#include "driver/search.h"

#include <algorithm>
#include <functional>

#include "driver/evaluate.h"
#include "driver/layer_report.h"
#include "driver/search_state.h"
#include "driver/sensitivity.h"
#include "quantize/quantize_alone.h"
#include "support/text.h"

namespace xpuq {
namespace {

constexpr double kGain = 0.1;                  ///< dB that a change must bring to be kept
constexpr std::size_t kSensitivityBatches = 4;

/// A change that costs no speed.
struct Proposal {
  std::string what;
  std::function<void(Variant&)> apply;
};

class Search {
 public:
  Search(const SearchInput& input, const SearchOptions& options, const Reporter& reporter)
      : input_(input), options_(options), reporter_(reporter), evaluator_(input, reporter) {}

  Result<SearchResult> run() {
    if (options_.drop && !input_.validation.has_labels())
      return make_error("E205", "--drop", "the pictures of --validate have no labels", {}, "a folder with one subfolder a class, or --from FILE with labels", "--min-output-sqnr needs none");
    XPUQ_ASSIGN(state_, SearchState::open(input_.state_path, input_.key, options_.resume));
    auto found = walk();
    if (!found.ok()) {
      if (found.error().exit_code() >= 130) found.error().remedy = "the same command with --resume";
      return found.error();
    }
    state_->remove();
    return std::move(result_);
  }

 private:
  Result<void> walk() {
    reporter_.progress("search", 0, options_.max_evaluations);
    XPUQ_TRY(evaluator_.run_float());
    result_.float_top1 = evaluator_.float_top1();
    current_ = input_.start;
    XPUQ_ASSIGN(bool kept, try_variant(current_, "as asked for"));
    for (const Proposal& proposal : proposals()) {
      if (done()) return {};
      Variant next = current_;
      proposal.apply(next);
      XPUQ_ASSIGN(kept, try_variant(next, proposal.what));
      if (kept) current_ = std::move(next);
    }
    return done() ? Result<void>{} : fall_back();
  }

  bool meets(const Evaluation& e) const {
    return (!options_.drop || e.top1 >= result_.float_top1 - *options_.drop - 1e-9) && (!options_.min_output_sqnr || e.sqnr_db >= *options_.min_output_sqnr);
  }
  bool done() const { return result_.met || result_.steps.size() >= options_.max_evaluations; }

  /// Evaluates, records the step, and keeps the best: one that meets the target with the most int8, else the cleanest.
  Result<bool> try_variant(const Variant& variant, std::string what) {
    Evaluation e;
    if (const Evaluation* known = state_->find(variant)) {
      e = *known;
    } else {
      XPUQ_ASSIGN(e, evaluator_.evaluate(variant));
      XPUQ_TRY(state_->add(variant, e));
    }
    const bool kept = result_.steps.empty() || better(e);
    result_.steps.push_back({.what = std::move(what), .evaluation = e, .kept = kept});
    reporter_.progress("search", result_.steps.size(), options_.max_evaluations);
    if (!kept) return false;
    result_.best = result_.steps.size() - 1;
    result_.variant = variant;
    result_.met = meets(e);
    return true;
  }

  bool better(const Evaluation& e) const {
    const Evaluation& best = result_.steps[result_.best].evaluation;
    if (meets(e) != meets(best)) return meets(e);
    if (meets(e)) return e.int8_percent > best.int8_percent;
    return e.sqnr_db >= best.sqnr_db + kGain;
  }

  /// Cheapest first: to measure, and to run (none of them costs anything when it runs).
  std::vector<Proposal> proposals() const {
    std::vector<Proposal> out;
    const Variant& start = input_.start;
    if (start.recipe.weight_scale_floor) out.push_back({"--weight-scale-floor none", [](Variant& v) { v.recipe.weight_scale_floor = false; }});
    for (const char* method : {"auto", "minmax", "percentile:99.99", "entropy"})
      if ((start.recipe.method.empty() ? input_.profile.method : start.recipe.method) != method)
        out.push_back({std::string("--method ") + method, [method](Variant& v) { v.recipe.method = method; }});
    if (!input_.fits) return out;
    if (!start.fitting.bias_correction) out.push_back({"--bias-correction", [](Variant& v) { v.fitting.bias_correction = true; }});
    if (!start.fitting.equalize) out.push_back({"--equalize", [](Variant& v) { v.fitting.equalize = true; }});
    if (!start.fitting.adaptive_rounding) out.push_back({"--round adaptive", [](Variant& v) { v.fitting.adaptive_rounding = true; }});
    return out;
  }

  /// Layers that the current variant has in int8, by what each alone costs the model's output.
  Result<std::vector<ProfileLayer>> measure_layers() {
    XPUQ_ASSIGN(const Fitter::Fitted fitted, input_.fitter.fit_to(current_.fitting, current_.recipe));
    XPUQ_ASSIGN(const auto batches, input_.validation.some(kSensitivityBatches));
    const Quantization quantization{.recipe = current_.recipe, .profile = fitted.profile, .fitting = fitted.weights};
    XPUQ_ASSIGN(std::vector<ProfileLayer> layers, measure_layer_sqnr(*fitted.graph, quantization, batches, input_.threads, reporter_));
    std::erase_if(layers, [&](const ProfileLayer& layer) {
      const Graph& g = *fitted.graph;
      return !admits(current_.recipe, g, g.value(g.find(layer.name)).producer);
    });
    std::stable_sort(layers.begin(), layers.end(), [](const auto& a, const auto& b) { return a.output_sqnr_db < b.output_sqnr_db; });
    return layers;
  }

  Variant with_float(std::span<const ProfileLayer> layers) const {
    Variant v = current_;
    v.recipe.fallback = input_.start.recipe.fallback;
    for (const ProfileLayer& layer : layers) v.recipe.fallback.push_back(layer.name);
    return v;
  }

  static std::string count(std::size_t n) { return std::to_string(n) + (n == 1 ? " layer in float" : " layers in float"); }

  /// The shortest prefix of the noisiest layers that meets the target, by doubling and halving; then single layers go
  /// back to int8, the largest first.
  Result<void> fall_back() {
    XPUQ_ASSIGN(const std::vector<ProfileLayer> layers, measure_layers());
    const auto try_first = [&](std::size_t n) { return try_variant(with_float(std::span(layers).first(n)), count(n)); };
    std::size_t low = 0, high = 0;  // `low` does not meet it
    while (!done() && high < layers.size()) {
      low = high;
      high = std::min(std::max<std::size_t>(1, 2 * high), layers.size());
      XPUQ_ASSIGN([[maybe_unused]] const bool kept, try_first(high));
    }
    if (!result_.met) return {};
    while (high - low > 1 && result_.steps.size() < options_.max_evaluations) {
      const std::size_t middle = (low + high) / 2;
      XPUQ_ASSIGN([[maybe_unused]] const bool kept, try_first(middle));
      (meets(result_.steps.back().evaluation) ? high : low) = middle;
    }
    return give_back(std::vector<ProfileLayer>(layers.begin(), layers.begin() + static_cast<std::ptrdiff_t>(high)));
  }

  Result<void> give_back(std::vector<ProfileLayer> in_float) {
    const auto macs = [&](const ProfileLayer& layer) {
      const ValueId v = input_.graph.find(layer.name);
      return v == ValueId::none ? 0 : multiply_adds(input_.graph, input_.graph.value(v).producer);
    };
    std::vector<ProfileLayer> order = in_float;
    std::stable_sort(order.begin(), order.end(), [&](const auto& a, const auto& b) { return macs(a) > macs(b); });
    for (const ProfileLayer& layer : order) {
      if (in_float.size() < 2 || result_.steps.size() >= options_.max_evaluations) return {};
      std::vector<ProfileLayer> fewer = in_float;
      std::erase(fewer, layer);
      XPUQ_ASSIGN(const bool kept, try_variant(with_float(fewer), layer.node + " back in int8"));
      if (kept) in_float = std::move(fewer);
    }
    return {};
  }

  const SearchInput& input_;
  const SearchOptions& options_;
  const Reporter& reporter_;
  Evaluator evaluator_;
  std::optional<SearchState> state_;
  Variant current_;
  SearchResult result_;
};

}  // namespace

Result<SearchResult> search_variant(const SearchInput& input, const SearchOptions& options, const Reporter& reporter) {
  return Search(input, options, reporter).run();
}

}  // namespace xpuq
