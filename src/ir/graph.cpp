#include "ir/graph.h"

#include <algorithm>

namespace xpuq {

bool Graph::is_output(ValueId id) const { return std::find(outputs_.begin(), outputs_.end(), id) != outputs_.end(); }

NodeId Graph::sole_user(ValueId id) const {
  const auto list = uses(id);
  return list.size() == 1 && !is_output(id) ? list[0].node : NodeId::none;
}

const Node* Graph::producer(ValueId id) const {
  const NodeId n = value(id).producer;
  return n == NodeId::none ? nullptr : &node(n);
}

ValueId Graph::find(std::string_view name) const {
  const auto it = names_.find(std::string(name));
  return it == names_.end() ? ValueId::none : it->second;
}

std::vector<ValueId> Graph::live_values() const {
  std::vector<bool> seen(values_.size(), false);
  std::vector<ValueId> out;
  const auto add = [&](ValueId v) {
    if (seen[static_cast<std::size_t>(v)]) return;
    seen[static_cast<std::size_t>(v)] = true;
    out.push_back(v);
  };
  for (ValueId v : inputs_) add(v);
  for (NodeId n : order_) {
    for (ValueId v : node(n).inputs) add(v);
    for (ValueId v : node(n).outputs) add(v);
  }
  for (ValueId v : outputs_) add(v);
  return out;
}

}  // namespace xpuq
