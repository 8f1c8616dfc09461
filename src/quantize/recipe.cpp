#include "quantize/recipe.h"

#include <algorithm>

#include "support/text.h"

namespace xpuq {
namespace {

bool matches(const std::vector<std::string>& globs, const Graph& graph, NodeId n) {
  const Node& node = graph.node(n);
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
    return glob_match(glob, graph.output_of(n).name) ||
           std::any_of(node.origin.begin(), node.origin.end(), [&](const std::string& o) { return glob_match(glob, o); });
  });
}

}  // namespace

bool admits(const Recipe& recipe, const Graph& graph, NodeId n) {
  if (matches(recipe.exclude, graph, n)) return false;
  const std::string op(to_string(graph.node(n).op));
  if (std::find(recipe.exclude_types.begin(), recipe.exclude_types.end(), op) != recipe.exclude_types.end()) return false;
  return recipe.only.empty() || matches(recipe.only, graph, n);
}

}  // namespace xpuq
