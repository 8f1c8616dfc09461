#include "quantize/annotate.h"

#include <algorithm>
#include <functional>
#include <map>

#include "passes/match.h"

namespace xpuq {
namespace {

bool is_conv(const Graph& g, NodeId n, std::size_t rank) {
  return g.node(n).op == OpKind::conv && g.input_of(n, 0).type.shape.size() == rank;
}
bool is_float(const Graph& g, ValueId v) { return g.value(v).type.dtype == DataType::f32; }

/// The state of one annotation pass: flags per node, as the reference keeps them in node.meta.
class Annotator {
 public:
  Annotator(const Graph& g, const Recipe& recipe)
      : g_(g), recipe_(recipe), annotated_(node_bound(), false), quantized_output_(node_bound(), false), shares_output_(node_bound(), false) {}

  Annotations run() {
    // The order of the reference: larger patterns first, one sweep over the graph each.
    const auto sweep = [&](auto&& rule) {
      for (NodeId n : g_.order()) rule(n);
    };
    const auto conv2d = [&](NodeId n) { return is_conv(g_, n, 4); };
    const auto linear = [&](NodeId n) { return g_.node(n).op == OpKind::linear; };
    sweep([&](NodeId n) { if (conv2d(n)) with_binary(n, true, true); });
    sweep([&](NodeId n) { if (conv2d(n)) with_binary(n, false, true); });
    sweep([&](NodeId n) { if (conv2d(n) || is_conv(g_, n, 3)) with_unary(n); });
    sweep([&](NodeId n) { if (conv2d(n)) alone(n); });
    sweep([&](NodeId n) { if (linear(n)) with_binary(n, true, false); });
    sweep([&](NodeId n) { if (linear(n)) with_binary(n, false, false); });
    sweep([&](NodeId n) { if (linear(n)) with_unary(n); });
    sweep([&](NodeId n) { if (linear(n)) alone(n); });
    if (recipe_.quantize_matmul) sweep([&](NodeId n) { if (g_.node(n).op == OpKind::matmul) both_inputs(n); });
    sweep([&](NodeId n) { if (g_.node(n).op == OpKind::mul) same_shape_mul(n); });
    sweep([&](NodeId n) { propagate(n); });
    return share();
  }

 private:
  std::size_t node_bound() const {
    std::size_t bound = 0;
    for (NodeId n : g_.order()) bound = std::max(bound, static_cast<std::size_t>(n) + 1);
    return bound;
  }
  static std::size_t at(NodeId n) { return static_cast<std::size_t>(n); }
  bool free(NodeId n) const { return !annotated_[at(n)] && admits(recipe_, g_, n); }

  /// conv or linear that can be quantized at all: constant weight, float source that no one quantized already.
  bool weighted(NodeId n) const {
    const Value& wei = g_.input_of(n, 1);
    return free(n) && wei.is_constant() && wei.type.dtype == DataType::f32 && is_float(g_, g_.node(n).inputs[0]) &&
           !g_.input_of(n, 0).is_constant();
  }
  void observe(NodeId n, std::uint32_t input) { edges_.push_back({n, input}); }
  void quantize_weighted(NodeId n) {
    observe(n, 0);
    weighted_.push_back(n);
  }
  void close(std::initializer_list<NodeId> nodes) {
    for (NodeId n : nodes) annotated_[at(n)] = true;
    quantized_output_[at(*(nodes.end() - 1))] = true;
  }

  /// conv/linear + add (+ relu). Only a convolution's other operand is observed (3.3).
  void with_binary(NodeId n, bool with_relu, bool observe_other) {
    if (!weighted(n)) return;
    const ValueId out = g_.node(n).outputs[0];
    // `c + c` reads the convolution twice and is still one user.
    const auto uses = g_.uses(out);
    if (uses.empty() || g_.is_output(out)) return;
    const NodeId add = uses[0].node;
    for (const Use& u : uses)
      if (u.node != add) return;
    if (g_.node(add).op != OpKind::add || !free(add)) return;
    const std::uint32_t other = g_.node(add).inputs[0] == out && uses.size() == 1 ? 1 : 0;
    if (g_.input_of(add, other).is_constant()) return;
    NodeId relu = NodeId::none;
    if (with_relu) {
      for (const Use& u : g_.uses(g_.node(add).outputs[0]))
        if (g_.node(u.node).op == OpKind::relu && free(u.node)) relu = u.node;
      if (relu == NodeId::none) return;
    }
    quantize_weighted(n);
    if (observe_other) {
      observe(add, other);
      if (uses.size() == 2) observe(add, 1);
    }
    if (relu == NodeId::none) close({n, add});
    else close({n, add, relu});
  }

  void with_unary(NodeId n) {
    if (!weighted(n)) return;
    const bool conv = g_.node(n).op == OpKind::conv;
    const bool one_d = conv && g_.input_of(n, 0).type.shape.size() == 3;
    for (const Use& u : g_.uses(g_.node(n).outputs[0])) {
      const OpKind op = g_.node(u.node).op;
      const bool fits = op == OpKind::relu ||
                        (conv && !one_d && (op == OpKind::clip || op == OpKind::hardswish || op == OpKind::silu)) ||
                        (!conv && (op == OpKind::leaky_relu || op == OpKind::tanh || op == OpKind::gelu));
      if (!fits || !free(u.node)) continue;
      quantize_weighted(n);
      close({n, u.node});
      return;
    }
  }

  void alone(NodeId n) {
    if (!weighted(n)) return;
    quantize_weighted(n);
    close({n});
  }

  void both_inputs(NodeId n) {
    if (!free(n) || g_.input_of(n, 0).is_constant() || g_.input_of(n, 1).is_constant() || !is_float(g_, g_.node(n).inputs[0])) return;
    observe(n, 0);
    observe(n, 1);
    close({n});
  }

  /// Only a product of two tensors of one shape is quantized; gates that broadcast stay float.
  void same_shape_mul(NodeId n) {
    if (g_.input_of(n, 0).type.shape == g_.input_of(n, 1).type.shape) both_inputs(n);
  }

  bool from_quantized(ValueId v) const {
    const NodeId p = g_.value(v).producer;
    return p != NodeId::none && quantized_output_[at(p)];
  }

  static bool consumes_int8(OpKind op) {
    switch (op) {
      case OpKind::conv: case OpKind::linear: case OpKind::mul: case OpKind::max_pool: case OpKind::concat:
      case OpKind::avg_pool: case OpKind::adaptive_avg_pool: case OpKind::flatten: case OpKind::matmul: return true;
      default: return false;
    }
  }

  /// Operations that pass int8 through when their producers end a quantized pattern (3.4).
  void propagate(NodeId n) {
    const Node& node = g_.node(n);
    if (node.inputs.empty() || !free(n) || !is_float(g_, node.inputs[0])) return;
    switch (node.op) {
      case OpKind::max_pool:
        if (recipe_.family != RecipeFamily::x86) return;
        [[fallthrough]];
      case OpKind::avg_pool:
      case OpKind::adaptive_avg_pool:
        if (!from_quantized(node.inputs[0])) return;
        observe(n, 0);
        break;
      case OpKind::flatten: {
        if (!from_quantized(node.inputs[0])) return;
        const auto uses = g_.uses(node.outputs[0]);
        if (std::none_of(uses.begin(), uses.end(), [&](const Use& u) { return consumes_int8(g_.node(u.node).op); })) return;
        observe(n, 0);
        break;
      }
      case OpKind::concat:
        for (ValueId v : node.inputs)
          if (!from_quantized(v)) return;
        for (std::uint32_t i = 0; i < node.inputs.size(); ++i) observe(n, i);
        break;
      default: return;
    }
    close({n});
    shares_output_[at(n)] = true;
  }

  /// Which observed values are one observer: all edges of one value; the inputs and the output of a pass-through (3.5).
  Annotations share() const {
    std::map<std::uint32_t, std::uint32_t> parent;  // union-find over value ids
    const std::function<std::uint32_t(std::uint32_t)> root = [&](std::uint32_t v) {
      const auto it = parent.find(v);
      return it == parent.end() || it->second == v ? v : root(it->second);
    };
    const auto unite = [&](ValueId a, ValueId b) {
      const std::uint32_t ra = root(static_cast<std::uint32_t>(a)), rb = root(static_cast<std::uint32_t>(b));
      parent[std::max(ra, rb)] = std::min(ra, rb);
    };

    std::map<std::uint32_t, ObservedValue> found;  // by value id
    const auto observed = [&](ValueId v) -> ObservedValue& {
      return found.try_emplace(static_cast<std::uint32_t>(v), ObservedValue{v, 0, false, {}}).first->second;
    };
    for (const Use& e : edges_) observed(g_.node(e.node).inputs[e.index]).readers.push_back(e);
    for (NodeId n : g_.order()) {
      if (!shares_output_[at(n)]) continue;
      const Node& node = g_.node(n);
      observed(node.outputs[0]).all_readers = true;
      unite(node.inputs[0], node.outputs[0]);
      for (ValueId v : node.inputs) unite(node.inputs[0], v);
    }

    Annotations out;
    out.weighted = weighted_;
    std::map<std::uint32_t, std::uint32_t> group_of_root;
    const auto emit = [&](ValueId v) {
      const auto it = found.find(static_cast<std::uint32_t>(v));
      if (it == found.end()) return;
      const auto [group, fresh] = group_of_root.try_emplace(root(static_cast<std::uint32_t>(v)), out.groups);
      if (fresh) ++out.groups;
      it->second.group = group->second;
      out.observed.push_back(it->second);
    };
    for (ValueId v : g_.inputs()) emit(v);
    for (NodeId n : g_.order())
      for (ValueId v : g_.node(n).outputs) emit(v);
    return out;
  }

  const Graph& g_;
  const Recipe& recipe_;
  std::vector<bool> annotated_, quantized_output_, shares_output_;
  std::vector<Use> edges_;
  std::vector<NodeId> weighted_;
};

}  // namespace

Annotations annotate(const Graph& graph, const Recipe& recipe) { return Annotator(graph, recipe).run(); }

}  // namespace xpuq
