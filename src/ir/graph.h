// The graph: the one form a model has between import and plan. A movable value; only a Rewriter changes it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ops/op.h"
#include "xpuq/types.h"

namespace xpuq {

enum class ValueId : std::uint32_t { none = 0xFFFFFFFFu };
enum class NodeId : std::uint32_t { none = 0xFFFFFFFFu };

/// One operation. Owns its outputs.
struct Node {
  OpKind op;
  Attributes attributes;
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::vector<std::string> origin;  ///< names of the user's nodes it stands for, in their order; may be empty
};

/// A tensor that flows: a graph input (no producer, no constant), a constant, or an output of one node.
struct Value {
  std::string name;  ///< unique in the graph, not empty; the user's name where there is one
  TensorType type;
  NodeId producer = NodeId::none;
  std::optional<Tensor> constant;

  bool is_constant() const { return constant.has_value(); }
  bool is_input() const { return producer == NodeId::none && !constant; }
};

/// One place where a value is read: input number `index` of `node`.
struct Use {
  NodeId node;
  std::uint32_t index;
  bool operator==(const Use&) const = default;
};

class Graph {
 public:
  Graph() = default;
  Graph(Graph&&) = default;
  Graph& operator=(Graph&&) = default;
  Graph clone() const { return *this; }

  std::span<const NodeId> order() const { return order_; }          ///< topological, stable, the printed order
  std::span<const ValueId> inputs() const { return inputs_; }
  std::span<const ValueId> outputs() const { return outputs_; }      ///< a value may be an output twice
  const Node& node(NodeId id) const { return nodes_[static_cast<std::size_t>(id)]; }
  const Value& value(ValueId id) const { return values_[static_cast<std::size_t>(id)]; }
  const Value& input_of(NodeId n, std::size_t i) const { return value(node(n).inputs[i]); }
  const Value& output_of(NodeId n, std::size_t i = 0) const { return value(node(n).outputs[i]); }
  std::span<const Use> uses(ValueId id) const { return uses_[static_cast<std::size_t>(id)]; }
  bool is_output(ValueId id) const;
  /// The single user of a value that is not a graph output; none otherwise.
  NodeId sole_user(ValueId id) const;
  /// The node that makes a value, or null for inputs and constants.
  const Node* producer(ValueId id) const;
  std::size_t value_count() const { return values_.size(); }
  ValueId find(std::string_view name) const;  ///< ValueId::none when absent
  /// Values that some node or output still refers to, in definition order (constants included).
  std::vector<ValueId> live_values() const;

 private:
  friend class Rewriter;
  Graph(const Graph&) = default;

  // Never moved by what is added later: a pass may hold on to a node or value while it inserts others.
  std::deque<Node> nodes_;
  std::deque<Value> values_;
  std::vector<std::vector<Use>> uses_;
  std::vector<NodeId> order_;
  std::vector<ValueId> inputs_;
  std::vector<ValueId> outputs_;
  std::unordered_map<std::string, ValueId> names_;
};

}  // namespace xpuq
