// The recipe file (`--recipe FILE`): the configuration of a quantizer as JSON, in PyTorch's words.
//   {
//     "schema": "xpuq.recipe/1",
//     "family": "xpu",                                            xpu | x86
//     "global": "asymmetric",                                     asymmetric | symmetric | float
//     "modules": [{"name": "layer4.1", "config": "float"}],       one pass each, in this order, before the operators
//     "operators": [{"type": "linear", "config": "symmetric"}],   one pass each, before `global`
//     "exclude": ["head*"], "exclude_types": [], "only": [],      globs and operations, as the options of these names
//     "quantize_matmul": false, "weight_granularity": "channel", "weight_scale_floor": "reference", "method": "minmax"
//   }
// Every key but the schema may be left out. This is XPUInductorQuantizer's set_global, set_module_name_qconfig and
// set_function_type_qconfig (set_module_type_qconfig is the latter by another name); precedence as there.
#pragma once

#include <string>
#include <string_view>

#include "quantize/recipe.h"
#include "support/json.h"
#include "xpuq/result.h"

namespace xpuq {

inline constexpr int kRecipeMajor = 1;

/// Reads a file that may be hostile. E210 names every defect in one message: unknown keys and words (with near ones),
/// wrong types, and entries that contradict each other.
Result<Recipe> read_recipe(std::string_view text, const std::string& who);

/// The recipe as such a file; what it does not set is written with its default, so that a report is complete.
Json recipe_json(const Recipe& recipe);

/// What in a recipe names nothing in this model (module names, globs), or no operation at all: all findings in one
/// E207 error, with near names.
Result<void> check_recipe(const Recipe& recipe, const Graph& graph);

}  // namespace xpuq
