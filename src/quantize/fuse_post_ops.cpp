//   conv(src, wei, bia) -> add(other) -> relu -> quantize     ==>  conv(src, wei, bia, other) {sum, relu, dst_scale}
// Each of the three steps may be missing; the same for linear, in int8 and in float (where no quantize follows).
// A dequantize in front of `other` is taken along: the accumulator is then read as s8 with its own scale and zero point.
// Precondition: every value taken in has no other reader; the added operands have equal shapes; nothing follows a
// quantized result. Of two weighted operands the one that comes first in the order takes the sum, as the reference
// annotates it (pt2e-semantics 3.3). Numeric promise: the unfused f32 arithmetic (pt2e-semantics 5.3 for ties).
#include <map>

#include "ops/post_ops.h"
#include "passes/match.h"
#include "passes/pass.h"

namespace xpuq {
namespace {

bool is_weighted(const Node& node) { return node.op == OpKind::conv || node.op == OpKind::linear; }
bool is_open(const Node& node) { return is_weighted(node) && !node.attributes.has("dst_scale"); }

class Fuser {
 public:
  explicit Fuser(Graph& graph) : graph_(graph), rw_(graph) {
    for (std::size_t i = 0; i < graph.order().size(); ++i) position_[graph.order()[i]] = i;
  }

  Change run() {
    const std::vector<NodeId> order(graph_.order().begin(), graph_.order().end());
    for (NodeId n : order) {
      if (!is_open(graph_.node(n))) continue;
      while (n != NodeId::none) n = take_next(n);
    }
    return rw_.commit();
  }

 private:
  /// Takes the sole reader of `n` in, if it can be; gives the node that now stands for both, or none.
  NodeId take_next(NodeId n) {
    const Node& node = graph_.node(n);
    if (!is_open(node)) return NodeId::none;
    const ValueId out = node.outputs[0];
    const NodeId next = graph_.sole_user(out);
    if (next == NodeId::none) return NodeId::none;
    const Node& reader = graph_.node(next);
    const std::vector<PostOp> ops = post_ops(node.attributes);
    Attributes attributes = node.attributes;
    std::vector<ValueId> inputs = node.inputs;

    if (reader.op == OpKind::quantize) {
      if (reader.attributes.has("axis") || reader.attributes.get_string("type") != "s8" || !is_int8(node)) return NodeId::none;
      attributes.erase("dst_type");
      attributes.set("dst_scale", reader.attributes.get_floats("scales")[0]);
      attributes.set("dst_zero_point", reader.attributes.get_ints("zero_points")[0]);
    } else if (const auto post = as_post_op(reader.op, reader.attributes)) {
      // One activation ends the float arithmetic of a primitive; a second one stays a node of its own.
      if (!ops.empty() && ops.back().kind != "sum") return NodeId::none;
      auto extended = ops;
      extended.push_back(*post);
      set_post_ops(attributes, extended);
    } else if (reader.op == OpKind::add && ops.empty()) {
      const std::size_t own = reader.inputs[0] == out ? 0 : 1;
      ValueId other = reader.inputs[1 - own];
      if (!addable(n, out, other)) return NodeId::none;
      if (const NodeId dq = made_by(graph_, other, OpKind::dequantize); dq != NodeId::none && is_int8(node)) other = graph_.node(dq).inputs[0];
      set_post_ops(attributes, {{.kind = "sum"}});
      inputs.push_back(other);
    } else {
      return NodeId::none;
    }

    const ValueId result = reader.outputs[0];
    const ValueId fused = rw_.insert_before(next, node.op, inputs, attributes, graph_.value(result).name, merge_origins({&node.origin, &reader.origin}));
    const NodeId made = graph_.value(fused).producer;
    position_[made] = position_[next];
    rw_.replace_all_uses(result, fused);
    rw_.take_name(fused, result);
    rw_.erase(next);
    rw_.erase(n);
    return made;
  }

  bool is_int8(const Node& node) const { return graph_.value(node.inputs[0]).type.dtype == DataType::s8; }

  /// Whether the sum of `out` (made by n) and `other` can be a post-op of n.
  bool addable(NodeId n, ValueId out, ValueId other) const {
    if (other == out || graph_.value(other).is_constant()) return false;
    const TensorType& a = graph_.value(out).type;
    const TensorType& b = graph_.value(other).type;
    if (a.shape != b.shape || b.dtype != DataType::f32) return false;
    // When both operands could take the sum, the first in the order does.
    const Node* rival = graph_.producer(other);
    if (rival && is_open(*rival) && post_ops(rival->attributes).empty() && graph_.sole_user(other) != NodeId::none)
      return position_.at(n) < position_.at(graph_.value(other).producer);
    return true;
  }

  Graph& graph_;
  Rewriter rw_;
  std::map<NodeId, std::size_t> position_;
};

}  // namespace

Result<Change> fuse_post_ops(Graph& graph, const PassContext&) { return Fuser(graph).run(); }

}  // namespace xpuq
