// What every form of the quantization report says about a layer beside its own numbers.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "driver/compile.h"

namespace xpuq::cli {

/// Share of the multiply-adds.
double macs_percent(const LayerReport& layer, const Coverage& coverage);

/// "31.4", "exact" when infinite, `unmeasured` when empty.
std::string decibels(const std::optional<float>& db, const std::string& unmeasured);

/// The ratio that ranks the layers: the layer's own where any was measured, else that of its weights.
bool has_measured_layers(const CompileResult& result);
std::optional<float> ranking_sqnr(const LayerReport& layer, bool measured);

/// Lowest ratio first; then, and among equals, the largest clipped share of the source; then in execution order.
std::vector<const LayerReport*> worst_first(const CompileResult& result);
/// The first ten of these that have a ratio.
std::vector<const LayerReport*> lowest_sqnr(const CompileResult& result);

/// What was compiled: what the command line asks for, or what its search found.
Variant compiled_variant(const CompileOptions& options, const CompileResult& result);

/// How the model was quantized, as (name, words): activations, weights, recipe, fitting, and each exception.
std::vector<std::pair<std::string, std::string>> recipe_words(const CompileOptions& options, const CompileResult& result);

}  // namespace xpuq::cli
