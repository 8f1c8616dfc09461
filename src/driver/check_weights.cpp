#include "driver/check_weights.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "support/text.h"

namespace xpuq {
namespace {

bool has_weights(OpKind op) {
  switch (op) {
    case OpKind::conv: case OpKind::conv_transpose: case OpKind::linear: case OpKind::batchnorm: case OpKind::layer_norm:
    case OpKind::group_norm: return true;
    default: return false;
  }
}

}  // namespace

Result<void> check_weights(const Graph& graph, const std::string& who) {
  std::set<ValueId> seen;
  std::vector<std::string> found;
  std::string first;
  for (NodeId n : graph.order()) {
    const Node& node = graph.node(n);
    if (!has_weights(node.op)) continue;
    for (std::size_t i = 1; i < node.inputs.size(); ++i) {
      const Value& value = graph.value(node.inputs[i]);
      if (!value.constant || value.type.dtype != DataType::f32 || !seen.insert(node.inputs[i]).second) continue;
      const std::span<const float> elements = value.constant->span<float>();
      const auto count = std::count_if(elements.begin(), elements.end(), [](float v) { return !std::isfinite(v); });
      if (count == 0) continue;
      const auto at = std::find_if(elements.begin(), elements.end(), [](float v) { return !std::isfinite(v); }) - elements.begin();
      const float v = elements[static_cast<std::size_t>(at)];
      const std::string layer = node.origin.empty() ? graph.output_of(n).name : node.origin[0];
      found.push_back("'" + value.name + "' of '" + layer + "': " + std::to_string(count) + " of " + std::to_string(elements.size()) +
                      " elements, the first at " + std::to_string(at) + ", " + (std::isnan(v) ? "NaN" : v > 0 ? "+infinity" : "-infinity"));
      if (first.empty()) first = layer;
    }
  }
  if (found.empty()) return {};
  return Error{.code = "E308", .who = who, .what = std::to_string(found.size()) + (found.size() == 1 ? " weight is" : " weights are") + " not finite: " + join(found, "; "),
               .got = {}, .expected = "finite numbers", .remedy = "check the training run, and export the model again", .node = first};
}

}  // namespace xpuq
