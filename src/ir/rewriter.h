// The only way to change a graph. Values, nodes and uses change at once; the printed order changes in commit(), so a
// pass may walk `graph.order()` while it edits.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "ir/graph.h"

namespace xpuq {

enum class Change { none, some };

class Rewriter {
 public:
  explicit Rewriter(Graph& graph) : graph_(graph) {}
  ~Rewriter();
  Rewriter(const Rewriter&) = delete;

  ValueId add_input(std::string name, TensorType type);
  /// A constant; `type.quant` is set when its integers stand for reals. The name is made unique.
  ValueId add_constant(std::string name, Tensor tensor, std::optional<QuantParams> quant = {});
  void add_output(ValueId value);

  /// Inserts an operation before `at` (or at the end for NodeId::none) and returns its first output (none when it
  /// has no outputs). The result type is inferred; a type problem here is a bug of the pass. The output is named
  /// `name`, made unique with a suffix when taken.
  ValueId insert_before(NodeId at, OpKind op, std::vector<ValueId> inputs, Attributes attributes, std::string name,
                        std::vector<std::string> origin);
  ValueId append(OpKind op, std::vector<ValueId> inputs, Attributes attributes, std::string name,
                 std::vector<std::string> origin) {
    return insert_before(NodeId::none, op, std::move(inputs), std::move(attributes), std::move(name), std::move(origin));
  }

  /// Every reader of `from`, graph outputs included, reads `to` instead.
  void replace_all_uses(ValueId from, ValueId to);
  /// One reader reads `to` instead.
  void replace_input(NodeId node, std::size_t index, ValueId to);
  /// `to` takes over the name of `from` (which gets a fresh one): keeps the user's name on what now stands for it.
  void take_name(ValueId to, ValueId from);
  void set_layout(ValueId value, Layout layout);
  void set_origin(NodeId node, std::vector<std::string> origin);
  /// Removes a node whose outputs nobody reads.
  void erase(NodeId dead);

  /// Applies insertions and removals to the order. Called by the destructor when forgotten.
  Change commit();

 private:
  std::string unique_name(std::string wanted);
  ValueId new_value(Value value);

  Graph& graph_;
  std::unordered_map<std::uint32_t, std::vector<NodeId>> before_;  // anchor -> nodes inserted before it
  std::vector<NodeId> at_end_;
  std::vector<bool> dead_;
  bool changed_ = false;
};

/// Names of the user's nodes behind several nodes, in order, without repeats.
std::vector<std::string> merge_origins(std::initializer_list<const std::vector<std::string>*> parts);

}  // namespace xpuq
