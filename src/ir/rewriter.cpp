#include "ir/rewriter.h"

#include <algorithm>

#include "support/check.h"

namespace xpuq {
namespace {
std::size_t at(ValueId v) { return static_cast<std::size_t>(v); }
std::size_t at(NodeId n) { return static_cast<std::size_t>(n); }
}  // namespace

Rewriter::~Rewriter() { commit(); }

std::string Rewriter::unique_name(std::string wanted) {
  if (wanted.empty()) wanted = "value";
  if (!graph_.names_.contains(wanted)) return wanted;
  for (std::size_t i = 1;; ++i) {
    std::string candidate = wanted + "." + std::to_string(i);
    if (!graph_.names_.contains(candidate)) return candidate;
  }
}

ValueId Rewriter::new_value(Value value) {
  const auto id = static_cast<ValueId>(graph_.values_.size());
  value.name = unique_name(std::move(value.name));
  graph_.names_.emplace(value.name, id);
  graph_.values_.push_back(std::move(value));
  graph_.uses_.emplace_back();
  changed_ = true;
  return id;
}

ValueId Rewriter::add_input(std::string name, TensorType type) {
  const ValueId id = new_value({.name = std::move(name), .type = std::move(type), .producer = NodeId::none, .constant = {}});
  graph_.inputs_.push_back(id);
  return id;
}

ValueId Rewriter::add_constant(std::string name, Tensor tensor, std::optional<QuantParams> quant) {
  TensorType type{.dtype = tensor.dtype(), .shape = tensor.shape(), .layout = Layout::plain, .quant = std::move(quant)};
  return new_value({.name = std::move(name), .type = std::move(type), .producer = NodeId::none, .constant = std::move(tensor)});
}

void Rewriter::add_output(ValueId value) {
  graph_.outputs_.push_back(value);
  changed_ = true;
}

ValueId Rewriter::insert_before(NodeId anchor, OpKind op, std::vector<ValueId> inputs, Attributes attributes,
                                std::string name, std::vector<std::string> origin) {
  std::vector<TensorType> types;
  types.reserve(inputs.size());
  for (ValueId v : inputs) types.push_back(graph_.value(v).type);
  Inferred inferred = infer(op, attributes, types);
  XPUQ_CHECK(inferred.ok(), inferred.problem);

  const auto id = static_cast<NodeId>(graph_.nodes_.size());
  Node node{.op = op, .attributes = std::move(attributes), .inputs = std::move(inputs), .outputs = {}, .origin = std::move(origin)};
  for (std::size_t i = 0; i < inferred.types.size(); ++i)
    node.outputs.push_back(new_value({.name = i ? name + "#" + std::to_string(i) : name, .type = std::move(inferred.types[i]), .producer = id, .constant = {}}));
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    graph_.uses_[at(node.inputs[i])].push_back({id, static_cast<std::uint32_t>(i)});
  const ValueId result = node.outputs.empty() ? ValueId::none : node.outputs[0];
  graph_.nodes_.push_back(std::move(node));
  if (anchor == NodeId::none) at_end_.push_back(id);
  else before_[static_cast<std::uint32_t>(anchor)].push_back(id);
  changed_ = true;
  return result;
}

void Rewriter::replace_input(NodeId node, std::size_t index, ValueId to) {
  ValueId& slot = graph_.nodes_[at(node)].inputs[index];
  if (slot == to) return;
  std::erase(graph_.uses_[at(slot)], Use{node, static_cast<std::uint32_t>(index)});
  slot = to;
  graph_.uses_[at(to)].push_back({node, static_cast<std::uint32_t>(index)});
  changed_ = true;
}

void Rewriter::replace_all_uses(ValueId from, ValueId to) {
  if (from == to) return;
  const std::vector<Use> uses = graph_.uses_[at(from)];
  for (const Use& u : uses) replace_input(u.node, u.index, to);
  for (ValueId& v : graph_.outputs_)
    if (v == from) {
      v = to;
      changed_ = true;
    }
}

void Rewriter::take_name(ValueId to, ValueId from) {
  std::string& wanted = graph_.values_[at(from)].name;
  std::string& own = graph_.values_[at(to)].name;
  std::swap(wanted, own);
  graph_.names_[wanted] = from;
  graph_.names_[own] = to;
  changed_ = true;
}

void Rewriter::set_layout(ValueId value, Layout layout) {
  Layout& slot = graph_.values_[at(value)].type.layout;
  if (slot != layout) {
    slot = layout;
    changed_ = true;
  }
}

void Rewriter::set_origin(NodeId node, std::vector<std::string> origin) {
  graph_.nodes_[at(node)].origin = std::move(origin);
  changed_ = true;
}

void Rewriter::erase(NodeId dead) {
  Node& node = graph_.nodes_[at(dead)];
  for (ValueId v : node.outputs)
    XPUQ_CHECK(graph_.uses(v).empty() && !graph_.is_output(v), "erased node still has readers");
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    std::erase(graph_.uses_[at(node.inputs[i])], Use{dead, static_cast<std::uint32_t>(i)});
  node.inputs.clear();
  dead_.resize(graph_.nodes_.size(), false);
  dead_[at(dead)] = true;
  changed_ = true;
}

Change Rewriter::commit() {
  if (!changed_) return Change::none;
  dead_.resize(graph_.nodes_.size(), false);
  std::vector<NodeId> order;
  order.reserve(graph_.nodes_.size());
  // An inserted node may itself have been the anchor of a later insertion.
  const auto emit = [&](auto&& self, NodeId n) -> void {
    if (const auto it = before_.find(static_cast<std::uint32_t>(n)); it != before_.end())
      for (NodeId inserted : it->second) self(self, inserted);
    if (!dead_[at(n)]) order.push_back(n);
  };
  for (NodeId n : graph_.order_) emit(emit, n);
  for (NodeId n : at_end_) emit(emit, n);
  graph_.order_ = std::move(order);
  for (std::size_t n = 0; n < dead_.size(); ++n) {
    if (!dead_[n]) continue;
    for (ValueId v : graph_.nodes_[n].outputs) graph_.names_.erase(graph_.value(v).name);
    graph_.nodes_[n].outputs.clear();
  }
  before_.clear();
  at_end_.clear();
  dead_.clear();
  changed_ = false;
  return Change::some;
}

std::vector<std::string> merge_origins(std::initializer_list<const std::vector<std::string>*> parts) {
  std::vector<std::string> out;
  for (const auto* part : parts)
    for (const std::string& name : *part)
      if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  return out;
}

}  // namespace xpuq
