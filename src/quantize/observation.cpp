#include "quantize/observation.h"

#include <algorithm>
#include <map>
#include <set>

#include "quantize/annotate.h"

namespace xpuq {

ObservationPlan plan_observation(const Graph& graph) {
  std::set<std::uint32_t> wanted;
  std::set<std::vector<std::uint32_t>> groups;  // as value ids, in update order
  for (RecipeFamily family : {RecipeFamily::xpu, RecipeFamily::x86}) {
    for (bool everything : {false, true}) {
      Recipe recipe;
      recipe.family = family;
      if (everything)
        for (OperatorType type : {OperatorType::matmul, OperatorType::conv1d, OperatorType::conv3d})
          recipe.operators.push_back({type, qmath::Scheme::affine});
      const Annotations a = annotate(graph, recipe);
      std::map<std::uint32_t, std::vector<std::uint32_t>> members;
      for (const ObservedValue& o : a.observed) {
        wanted.insert(static_cast<std::uint32_t>(o.value));
        members[o.group].push_back(static_cast<std::uint32_t>(o.value));
      }
      for (auto& [group, list] : members)
        if (list.size() > 1) groups.insert(list);
    }
  }
  // Of two convolutions that are added, the first takes the sum and the second is observed. A recipe that keeps the
  // first in float turns that round.
  const auto by_conv = [&](ValueId v) {
    const Node* producer = graph.producer(v);
    return producer && producer->op == OpKind::conv;
  };
  for (NodeId n : graph.order()) {
    const Node& node = graph.node(n);
    if (node.op != OpKind::add || !by_conv(node.inputs[0]) || !by_conv(node.inputs[1])) continue;
    for (ValueId v : node.inputs) wanted.insert(static_cast<std::uint32_t>(v));
  }
  // A recipe may turn transposed convolutions into convolutions.
  for (NodeId n : graph.order())
    if (graph.node(n).op == OpKind::conv_transpose && graph.input_of(n, 1).is_constant()) wanted.insert(static_cast<std::uint32_t>(graph.node(n).inputs[0]));
  ObservationPlan plan;
  std::map<std::uint32_t, std::uint32_t> index;
  const auto emit = [&](ValueId v) {
    if (!wanted.contains(static_cast<std::uint32_t>(v))) return;
    index[static_cast<std::uint32_t>(v)] = static_cast<std::uint32_t>(plan.values.size());
    plan.values.push_back(v);
  };
  for (ValueId v : graph.inputs()) emit(v);
  for (NodeId n : graph.order())
    for (ValueId v : graph.node(n).outputs) emit(v);
  for (const auto& group : groups) {
    std::vector<std::uint32_t> positions;
    for (std::uint32_t v : group) positions.push_back(index[v]);
    plan.groups.push_back(std::move(positions));
  }
  std::sort(plan.groups.begin(), plan.groups.end());
  return plan;
}

std::vector<std::string> member_names(const Graph& graph, const std::vector<ValueId>& members) {
  std::vector<std::string> names;
  for (ValueId v : members) names.push_back(graph.value(v).name);
  return names;
}

}  // namespace xpuq
