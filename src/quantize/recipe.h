// What the quantizer is asked to do: the configuration of XPUInductorQuantizer (pt2e-semantics 3.1, 3.2) and the filters
// of the command line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ir/graph.h"
#include "qmath/affine.h"

namespace xpuq {

/// Which operations carry int8: `xpu` is XPUInductorQuantizer (max pool stays float, pt2e-semantics 3.4), `x86` lets
/// max pool carry int8 too.
enum class RecipeFamily { xpu, x86 };

/// How activations are quantized; empty: keep in float (PyTorch's `None`).
using ActivationConfig = std::optional<qmath::Scheme>;
std::string_view to_string(ActivationConfig config);  ///< "asymmetric", "symmetric", "float"
std::optional<ActivationConfig> parse_activation_config(std::string_view word);

/// Operators that a recipe can name, in PyTorch's words.
enum class OperatorType { conv1d, conv2d, conv3d, conv_transpose, linear, matmul, mul, max_pool2d, avg_pool2d, adaptive_avg_pool2d, cat, flatten };
std::string_view to_string(OperatorType type);
/// "conv2d", "torch.nn.Conv2d", "torch.nn.functional.conv2d" and "aten.conv2d.default" are all conv2d.
std::optional<OperatorType> parse_operator_type(std::string_view word);
std::vector<std::string> operator_type_names();
/// What node `n` is in these words, if anything.
std::optional<OperatorType> operator_type(const Graph& graph, NodeId n);

/// set_module_name_qconfig: everything whose module is `name` or lies inside it.
struct ModuleEntry {
  std::string name;
  ActivationConfig config;
};
/// set_function_type_qconfig and set_module_type_qconfig.
struct OperatorEntry {
  OperatorType type;
  ActivationConfig config;
};

struct Recipe {
  RecipeFamily family = RecipeFamily::xpu;
  ActivationConfig global = qmath::Scheme::affine;  ///< set_global
  std::vector<ModuleEntry> modules;              ///< one annotation pass each, in this order, before `operators`
  std::vector<OperatorEntry> operators;          ///< one annotation pass each, before `global`
  bool per_channel_weights = true;
  bool weight_scale_floor = true;                ///< raise scales of weights to 2^-12, as the reference does
  bool quantize_matmul = false;                  ///< products of two activations, as an operator entry would
  std::vector<std::string> exclude;              ///< globs over node names: keep in float
  std::vector<std::string> exclude_types;        ///< operation names: keep in float
  std::vector<std::string> only;                 ///< globs: quantize nothing else, when not empty
  std::vector<std::string> fallback;             ///< layers by the name of their result: measured too noisy, keep in float
  std::string method;                            ///< range rule; empty: the profile's
};

/// Whether the filters leave node `n` to the quantizer. Globs are tried against the node's origin names and the name
/// of its result.
bool admits(const Recipe& recipe, const Graph& graph, NodeId n);

/// Whether `fallback` names node `n`.
bool falls_back(const Recipe& recipe, const Graph& graph, NodeId n);

/// Whether node `n` comes from the module of this dotted name, or from one inside it: "layer1" holds
/// "layer1.0.conv2", "layer1/add_" (an operation in its forward) and "/layer1/layer1.0/conv2/Conv" (ONNX).
bool in_module(const Graph& graph, NodeId n, std::string_view name);

/// Whether an entry asks for this operator in int8.
bool names(const Recipe& recipe, OperatorType type);

/// The same recipe without anything that keeps a node in float: what its family wants by itself.
Recipe without_exceptions(Recipe recipe);

}  // namespace xpuq
