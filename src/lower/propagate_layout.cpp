//   spatial operations (conv, pools, resize) read and write channels-last; pointwise operations follow their operands;
//   everything else, model inputs and outputs are row-major; a reorder stands where the two meet.
// quantize and dequantize change the layout on their way, so that a network of convolutions needs no reorder but those.
// A value whose channels or whose spatial positions number one has the same bytes either way and needs none.
// Precondition: none. Numeric promise: exact (elements move, none changes).
#include <algorithm>
#include <map>

#include "ops/post_ops.h"
#include "passes/match.h"
#include "passes/pass.h"

namespace xpuq {
namespace {

enum class Manner { spatial, pointwise, plain };

bool layoutable(const Shape& shape) { return shape.size() >= 3 && shape.size() <= 5; }

/// True when row-major and channels-last put the elements at the same places.
bool same_bytes(const Shape& shape) {
  if (!layoutable(shape)) return true;
  return shape[1] == 1 || std::all_of(shape.begin() + 2, shape.end(), [](std::int64_t d) { return d == 1; });
}

Manner manner(const Graph& g, NodeId n) {
  const Node& node = g.node(n);
  switch (node.op) {
    case OpKind::conv: case OpKind::conv_transpose: case OpKind::max_pool: case OpKind::avg_pool:
    case OpKind::adaptive_avg_pool: return Manner::spatial;
    case OpKind::resize: {
      const Shape& in = g.input_of(n, 0).type.shape;
      const Shape& out = g.output_of(n).type.shape;
      return layoutable(in) && in[0] == out[0] && in[1] == out[1] ? Manner::spatial : Manner::plain;
    }
    case OpKind::quantize: return node.attributes.has("axis") ? Manner::plain : Manner::pointwise;
    case OpKind::dequantize: return g.input_of(n, 0).type.quant->per_tensor() ? Manner::pointwise : Manner::plain;
    case OpKind::lookup: case OpKind::concat: case OpKind::cast: return Manner::pointwise;
    default: return is_unary(node.op) || is_binary(node.op) ? Manner::pointwise : Manner::plain;
  }
}

class Propagation {
 public:
  explicit Propagation(Graph& g) : g_(g), rw_(g) {}

  Change run() {
    const std::vector<NodeId> order(g_.order().begin(), g_.order().end());
    for (NodeId n : order) visit(n);
    for (ValueId v : std::vector<ValueId>(g_.outputs().begin(), g_.outputs().end())) {
      if (!differs(v, Layout::plain)) continue;
      const ValueId plain = rw_.append(OpKind::reorder, {v}, {{"layout", std::string("plain")}}, g_.value(v).name, {});
      const std::vector<Use> uses(g_.uses(v).begin(), g_.uses(v).end());
      rw_.replace_all_uses(v, plain);
      for (const Use& u : uses) rw_.replace_input(u.node, u.index, v);
      rw_.take_name(plain, v);
    }
    return rw_.commit();
  }

 private:
  Layout layout(ValueId v) const { return g_.value(v).type.layout; }
  bool differs(ValueId v, Layout wanted) const { return layout(v) != wanted && !same_bytes(g_.value(v).type.shape); }

  void require(NodeId n, std::size_t input, Layout wanted) {
    const ValueId v = g_.node(n).inputs[input];
    if (!layoutable(g_.value(v).type.shape) || !differs(v, wanted)) return;
    const auto [it, fresh] = reordered_.try_emplace({v, wanted}, ValueId::none);
    if (fresh) {
      it->second = rw_.insert_before(n, OpKind::reorder, {v}, {{"layout", std::string(to_string(wanted))}}, g_.value(v).name + "." + std::string(to_string(wanted)), {});
      rw_.set_layout(it->second, wanted);
    }
    rw_.replace_input(n, input, it->second);
  }

  void set_output(NodeId n, Layout wanted) {
    for (ValueId v : g_.node(n).outputs) {
      const Shape& shape = g_.value(v).type.shape;
      // A model's output is row-major; with one channel or one pixel it is so without a reorder.
      const bool plain = !layoutable(shape) || (g_.is_output(v) && same_bytes(shape));
      rw_.set_layout(v, plain ? Layout::plain : wanted);
    }
  }

  bool some_reader(ValueId v, Manner wanted) const {
    const auto uses = g_.uses(v);
    return std::any_of(uses.begin(), uses.end(), [&](const Use& u) { return manner(g_, u.node) == wanted; });
  }

  void visit(NodeId n) {
    const Node& node = g_.node(n);
    if (node.op == OpKind::observe) return;  // an observer counts elements in whatever order they lie
    if (node.op == OpKind::reorder) return set_output(n, node.attributes.get_string("layout") == "plain" ? Layout::plain : Layout::channels_last);
    switch (manner(g_, n)) {
      case Manner::spatial: {
        require(n, 0, Layout::channels_last);
        if (node.op == OpKind::conv)
          if (const int other = weighted_inputs(node.attributes, node.inputs.size()).other; other >= 0)
            require(n, static_cast<std::size_t>(other), Layout::channels_last);
        return set_output(n, Layout::channels_last);
      }
      case Manner::pointwise: return follow(n);
      case Manner::plain:
        // A mean over all spatial axes gives the same bytes from either layout.
        if (!reduces_all_spatial(n))
          for (std::size_t i = 0; i < node.inputs.size(); ++i) require(n, i, Layout::plain);
        return set_output(n, Layout::plain);
    }
  }

  bool reduces_all_spatial(NodeId n) const {
    const Node& node = g_.node(n);
    if (node.op != OpKind::reduce_mean || g_.input_of(n, 0).type.shape.size() != 4) return false;
    return node.attributes.get_ints("axes") == Ints{2, 3};
  }

  void follow(NodeId n) {
    const Node& node = g_.node(n);
    const Shape& out_shape = g_.output_of(n).type.shape;
    bool any_last = false, possible = layoutable(out_shape);
    for (ValueId v : node.inputs) {
      const Value& value = g_.value(v);
      any_last = any_last || (value.type.layout == Layout::channels_last && !same_bytes(value.type.shape));
      const bool scalar = value.type.elements() == 1 || node.op == OpKind::lookup;
      // A constant of another layout would be reordered at every run; an operand of lower rank aligns with the last axes.
      if (!scalar && value.type.shape.size() != out_shape.size()) possible = false;
      if (!scalar && value.is_constant() && !same_bytes(value.type.shape)) possible = false;
    }
    const bool converts = node.op == OpKind::quantize || node.op == OpKind::dequantize;
    Layout wanted = any_last && possible ? Layout::channels_last : Layout::plain;
    if (converts && possible) {
      const ValueId out = node.outputs[0];
      if (some_reader(out, Manner::spatial)) wanted = Layout::channels_last;
      else if (g_.is_output(out) || some_reader(out, Manner::plain)) wanted = Layout::plain;
      return set_output(n, wanted);  // reads either layout, writes the wanted one
    }
    for (std::size_t i = 0; i < node.inputs.size(); ++i) require(n, i, wanted);
    set_output(n, wanted);
  }

  Graph& g_;
  Rewriter rw_;
  std::map<std::pair<ValueId, Layout>, ValueId> reordered_;
};

}  // namespace

Result<Change> propagate_layout(Graph& graph, const PassContext&) { return Propagation(graph).run(); }

}  // namespace xpuq
