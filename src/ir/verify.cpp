#include "ir/verify.h"

#include <algorithm>
#include <unordered_set>

#include "ir/text.h"

namespace xpuq {

std::string verify(const Graph& graph) {
  std::vector<bool> defined(graph.value_count(), false);
  std::unordered_set<std::string> names;
  const auto index = [](ValueId v) { return static_cast<std::size_t>(v); };
  for (ValueId v : graph.live_values()) {
    const Value& value = graph.value(v);
    if (value.name.empty()) return "a value has no name";
    if (!names.insert(value.name).second) return "two values are named '" + value.name + "'";
    if (value.is_constant()) {
      if (value.constant->shape() != value.type.shape || value.constant->dtype() != value.type.dtype)
        return "constant '" + value.name + "' is not of its stated type";
      defined[index(v)] = true;
    }
  }
  for (ValueId v : graph.inputs()) defined[index(v)] = true;

  for (NodeId n : graph.order()) {
    const Node& node = graph.node(n);
    const std::string who = std::string(to_string(node.op)) + (node.outputs.empty() ? "" : " '" + graph.output_of(n).name + "'");
    std::vector<TensorType> types;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId v = node.inputs[i];
      if (!defined[index(v)]) return who + " reads '" + graph.value(v).name + "' before it is made";
      const auto uses = graph.uses(v);
      if (std::find(uses.begin(), uses.end(), Use{n, static_cast<std::uint32_t>(i)}) == uses.end())
        return who + " is not among the uses of '" + graph.value(v).name + "'";
      types.push_back(graph.value(v).type);
    }
    const Inferred inferred = infer(node.op, node.attributes, types);
    if (!inferred.ok()) return who + ": " + inferred.problem;
    if (inferred.types.size() != node.outputs.size()) return who + " has a wrong number of outputs";
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      TensorType stored = graph.value(node.outputs[i]).type;
      stored.layout = inferred.types[i].layout;
      if (stored != inferred.types[i]) return who + " is stored as " + to_text(stored) + ", should be " + to_text(inferred.types[i]);
      if (graph.value(node.outputs[i]).producer != n) return who + " is not the producer of its output";
      defined[index(node.outputs[i])] = true;
    }
  }
  for (ValueId v : graph.outputs())
    if (!defined[index(v)]) return "output '" + graph.value(v).name + "' is never made";
  return {};
}

}  // namespace xpuq
