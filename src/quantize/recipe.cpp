#include "quantize/recipe.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "support/text.h"

namespace xpuq {
namespace {

constexpr std::array<std::string_view, 12> kOperatorTypes{"conv1d", "conv2d", "conv3d", "conv_transpose", "linear", "matmul",
                                                          "mul", "max_pool2d", "avg_pool2d", "adaptive_avg_pool2d", "cat", "flatten"};

bool matches(const std::vector<std::string>& globs, const Graph& graph, NodeId n) {
  const Node& node = graph.node(n);
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
    return glob_match(glob, graph.output_of(n).name) ||
           std::any_of(node.origin.begin(), node.origin.end(), [&](const std::string& o) { return glob_match(glob, o); });
  });
}

/// "AdaptiveAvgPool2d" -> "adaptive_avg_pool2d"
std::string snake_case(std::string_view word) {
  std::string out;
  for (char c : word) {
    if (std::isupper(static_cast<unsigned char>(c)) && !out.empty() && out.back() != '_') out += '_';
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

/// The module of an ONNX node by the TorchScript exporter's names: "/layer1/layer1.0/conv1/Conv" -> "layer1.0.conv1".
/// The item of a container repeats the container's name, as layer1.0 does here.
std::string module_of_scope(std::string_view name) {
  std::string path, last;
  std::size_t at = 1;
  for (std::size_t slash = name.find('/', at); slash != std::string_view::npos; at = slash + 1, slash = name.find('/', at)) {
    const std::string part(name.substr(at, slash - at));
    if (!last.empty() && part.starts_with(last + ".")) path.resize(path.size() - last.size());
    else if (!path.empty()) path += '.';
    path += part;
    last = part;
  }
  return path;
}

}  // namespace

std::string_view to_string(ActivationConfig config) {
  if (!config) return "float";
  return *config == qmath::Scheme::affine ? "asymmetric" : "symmetric";
}

std::optional<ActivationConfig> parse_activation_config(std::string_view word) {
  for (ActivationConfig c : {ActivationConfig(qmath::Scheme::affine), ActivationConfig(qmath::Scheme::symmetric), ActivationConfig()})
    if (to_string(c) == word) return c;
  return std::nullopt;
}

std::string_view to_string(OperatorType type) { return kOperatorTypes[static_cast<std::size_t>(type)]; }

std::optional<OperatorType> parse_operator_type(std::string_view word) {
  for (std::string_view prefix : {"torch.", "ops.", "nn.", "aten.", "functional."})
    if (word.starts_with(prefix)) word.remove_prefix(prefix.size());
  for (std::string_view suffix : {".default", ".Tensor", ".using_ints"})
    if (word.ends_with(suffix)) word.remove_suffix(suffix.size());
  std::string name = snake_case(word);
  for (std::string_view transposed : {"conv_transpose1d", "conv_transpose2d", "conv_transpose3d"})
    if (name == transposed) name = "conv_transpose";
  for (std::size_t i = 0; i < kOperatorTypes.size(); ++i)
    if (name == kOperatorTypes[i]) return static_cast<OperatorType>(i);
  return std::nullopt;
}

std::vector<std::string> operator_type_names() { return {kOperatorTypes.begin(), kOperatorTypes.end()}; }

std::optional<OperatorType> operator_type(const Graph& graph, NodeId n) {
  const Node& node = graph.node(n);
  switch (node.op) {
    case OpKind::conv: {
      const std::size_t rank = graph.input_of(n, 0).type.shape.size();
      return rank == 3 ? OperatorType::conv1d : rank == 4 ? OperatorType::conv2d : OperatorType::conv3d;
    }
    case OpKind::conv_transpose: return OperatorType::conv_transpose;
    case OpKind::linear: return OperatorType::linear;
    case OpKind::matmul: return OperatorType::matmul;
    case OpKind::mul: return OperatorType::mul;
    case OpKind::max_pool: return OperatorType::max_pool2d;
    case OpKind::avg_pool: return OperatorType::avg_pool2d;
    case OpKind::adaptive_avg_pool: return OperatorType::adaptive_avg_pool2d;
    case OpKind::concat: return OperatorType::cat;
    case OpKind::flatten: return OperatorType::flatten;
    default: return std::nullopt;
  }
}

bool falls_back(const Recipe& recipe, const Graph& graph, NodeId n) {
  return std::find(recipe.fallback.begin(), recipe.fallback.end(), graph.output_of(n).name) != recipe.fallback.end();
}

bool admits(const Recipe& recipe, const Graph& graph, NodeId n) {
  if (matches(recipe.exclude, graph, n) || falls_back(recipe, graph, n)) return false;
  const std::string op(to_string(graph.node(n).op));
  if (std::find(recipe.exclude_types.begin(), recipe.exclude_types.end(), op) != recipe.exclude_types.end()) return false;
  return recipe.only.empty() || matches(recipe.only, graph, n);
}

bool in_module(const Graph& graph, NodeId n, std::string_view name) {
  const Node& node = graph.node(n);
  if (node.origin.empty()) return false;
  // The first origin is the node itself; what was folded into it, a batch norm say, has left the graph.
  const std::string& origin = node.origin[0];
  const std::string path = origin.starts_with('/') ? module_of_scope(origin) : origin;
  return path.starts_with(name) && (path.size() == name.size() || path[name.size()] == '.' || path[name.size()] == '/');
}

bool names(const Recipe& recipe, OperatorType type) {
  return std::any_of(recipe.operators.begin(), recipe.operators.end(), [&](const OperatorEntry& e) { return e.type == type && e.config; });
}

Recipe without_exceptions(Recipe recipe) {
  recipe.exclude.clear();
  recipe.exclude_types.clear();
  recipe.only.clear();
  recipe.fallback.clear();
  std::erase_if(recipe.modules, [](const ModuleEntry& e) { return !e.config; });
  std::erase_if(recipe.operators, [](const OperatorEntry& e) { return !e.config; });
  if (!recipe.global) recipe.global = qmath::Scheme::affine;
  return recipe;
}

}  // namespace xpuq
