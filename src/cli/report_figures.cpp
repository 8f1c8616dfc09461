#include "cli/report_figures.h"

#include <algorithm>
#include <cmath>

#include "support/text.h"

namespace xpuq::cli {

double macs_percent(const LayerReport& layer, const Coverage& c) {
  return c.macs_total ? 100.0 * static_cast<double>(layer.macs) / static_cast<double>(c.macs_total) : 0;
}

std::string decibels(const std::optional<float>& db, const std::string& unmeasured) {
  if (!db) return unmeasured;
  return std::isinf(*db) ? "exact" : format_fixed(*db, 1);
}

bool has_measured_layers(const CompileResult& result) {
  return std::any_of(result.layers.begin(), result.layers.end(), [](const LayerReport& l) { return l.sqnr_db.has_value(); });
}

std::optional<float> ranking_sqnr(const LayerReport& layer, bool measured) { return measured ? layer.sqnr_db : layer.weight_sqnr_db; }

std::vector<const LayerReport*> worst_first(const CompileResult& result) {
  const bool measured = has_measured_layers(result);
  std::vector<const LayerReport*> rows;
  for (const LayerReport& l : result.layers) rows.push_back(&l);
  std::stable_sort(rows.begin(), rows.end(), [&](const LayerReport* a, const LayerReport* b) {
    const std::optional<float> left = ranking_sqnr(*a, measured), right = ranking_sqnr(*b, measured);
    if (left.has_value() != right.has_value()) return left.has_value();
    if (left != right) return *left < *right;
    return a->source.clipped_percent.value_or(0) > b->source.clipped_percent.value_or(0);
  });
  return rows;
}

std::vector<const LayerReport*> lowest_sqnr(const CompileResult& result) {
  const bool measured = has_measured_layers(result);
  std::vector<const LayerReport*> rows = worst_first(result);
  std::erase_if(rows, [&](const LayerReport* l) { return !ranking_sqnr(*l, measured); });
  if (rows.size() > 10) rows.resize(10);
  return rows;
}

Variant compiled_variant(const CompileOptions& options, const CompileResult& result) {
  return result.search ? result.search->variant : Variant{.fitting = options.fitting, .recipe = options.recipe};
}

std::vector<std::pair<std::string, std::string>> recipe_words(const CompileOptions& options, const CompileResult& result) {
  std::vector<std::pair<std::string, std::string>> out{{"precision", std::string(to_string(options.precision))}};
  if (!options.fuse) out.emplace_back("fusion", "off");
  if (!quantizes(options.precision)) return out;
  const auto [fitting, r] = compiled_variant(options, result);
  out.emplace_back("activations", to_string(r.global));
  out.emplace_back("weights", r.per_channel_weights ? "per channel" : "per tensor");
  out.emplace_back("recipe", r.family == RecipeFamily::xpu ? "xpu" : "x86");
  if (!r.method.empty()) out.emplace_back("method", r.method);
  if (!r.weight_scale_floor) out.emplace_back("least weight scale", "none");
  if (fitting.equalize) out.emplace_back("channels", "equalized");
  if (fitting.bias_correction) out.emplace_back("biases", "corrected");
  if (fitting.adaptive_rounding) out.emplace_back("rounding", "adaptive");
  if (options.min_sqnr) out.emplace_back("least SQNR of a layer", format_fixed(*options.min_sqnr, 1) + " dB");
  if (options.fallback_worst) out.emplace_back("worst layers in float", std::to_string(options.fallback_worst));
  for (const ModuleEntry& e : r.modules) out.emplace_back("module " + e.name, to_string(e.config));
  for (const OperatorEntry& e : r.operators) out.emplace_back("operator " + std::string(to_string(e.type)), to_string(e.config));
  if (r.quantize_matmul) out.emplace_back("products of two activations", "int8");
  if (!r.exclude.empty()) out.emplace_back("exclude", join(r.exclude, ", "));
  if (!r.exclude_types.empty()) out.emplace_back("exclude operations", join(r.exclude_types, ", "));
  if (!r.only.empty()) out.emplace_back("only", join(r.only, ", "));
  return out;
}

}  // namespace xpuq::cli
