#include "quantize/annotate.h"

#include <algorithm>
#include <functional>
#include <map>

#include "passes/match.h"

namespace xpuq {
namespace {

bool is_float(const Graph& g, ValueId v) { return g.value(v).type.dtype == DataType::f32; }

/// One annotation pass: a configuration, and which patterns it may touch (3.2). A filter sees all nodes of a pattern.
struct Stage {
  ActivationConfig config;
  std::function<bool(std::span<const NodeId>)> accepts;
  std::optional<OperatorType> alone = {};  ///< an operator that the reference never quantizes by itself, asked for by name
};

/// The state of the annotation: flags per node, as the reference keeps them in node.meta.
class Annotator {
 public:
  Annotator(const Graph& g, const Recipe& recipe)
      : g_(g), recipe_(recipe), annotated_(node_bound(), false), quantized_output_(node_bound(), false), shares_output_(node_bound()) {}

  Annotations run() {
    for (const Stage& stage : stages()) {
      stage_ = &stage;
      annotate_once();
    }
    return share();
  }

 private:
  std::vector<Stage> stages() const {
    std::vector<Stage> out;
    for (const ModuleEntry& e : recipe_.modules)
      out.push_back({e.config, [this, &e](std::span<const NodeId> nodes) {
                       return std::all_of(nodes.begin(), nodes.end(), [&](NodeId n) { return in_module(g_, n, e.name); });
                     }});
    const auto of_type = [&](OperatorType type, ActivationConfig config) {
      out.push_back({config,
                     [this, type](std::span<const NodeId> nodes) {
                       return std::count_if(nodes.begin(), nodes.end(), [&](NodeId n) { return operator_type(g_, n) == type; }) == 1;
                     },
                     type});
    };
    for (const OperatorEntry& e : recipe_.operators) of_type(e.type, e.config);
    const bool has_matmul = std::any_of(recipe_.operators.begin(), recipe_.operators.end(), [](const OperatorEntry& e) { return e.type == OperatorType::matmul; });
    if (recipe_.quantize_matmul && !has_matmul) of_type(OperatorType::matmul, recipe_.global);
    // Products of two activations are only quantized where an entry names them.
    if (recipe_.global)
      out.push_back({recipe_.global, [this](std::span<const NodeId> nodes) {
                       return std::none_of(nodes.begin(), nodes.end(), [&](NodeId n) { return g_.node(n).op == OpKind::matmul; });
                     }});
    return out;
  }

  /// The order of the reference: larger patterns first, one sweep over the graph each.
  void annotate_once() {
    const auto sweep = [&](auto&& rule) {
      for (NodeId n : g_.order()) rule(n);
    };
    const auto is = [&](NodeId n, OperatorType type) { return operator_type(g_, n) == type; };
    const auto conv2d = [&](NodeId n) { return is(n, OperatorType::conv2d); };
    const auto linear = [&](NodeId n) { return is(n, OperatorType::linear); };
    sweep([&](NodeId n) { if (conv2d(n)) with_binary(n, true, true); });
    sweep([&](NodeId n) { if (conv2d(n)) with_binary(n, false, true); });
    sweep([&](NodeId n) { if (conv2d(n) || is(n, OperatorType::conv1d)) with_unary(n); });
    sweep([&](NodeId n) { if (conv2d(n)) alone(n); });
    sweep([&](NodeId n) { if (linear(n)) with_binary(n, true, false); });
    sweep([&](NodeId n) { if (linear(n)) with_binary(n, false, false); });
    sweep([&](NodeId n) { if (linear(n)) with_unary(n); });
    sweep([&](NodeId n) { if (linear(n)) alone(n); });
    if (stage_->alone)
      sweep([&](NodeId n) { if (g_.node(n).op == OpKind::conv && is(n, *stage_->alone)) alone(n); });
    sweep([&](NodeId n) { if (is(n, OperatorType::matmul)) both_inputs(n); });
    sweep([&](NodeId n) { if (is(n, OperatorType::mul)) same_shape_mul(n); });
    sweep([&](NodeId n) { propagate(n); });
  }

  std::size_t node_bound() const {
    std::size_t bound = 0;
    for (NodeId n : g_.order()) bound = std::max(bound, static_cast<std::size_t>(n) + 1);
    return bound;
  }
  static std::size_t at(NodeId n) { return static_cast<std::size_t>(n); }

  /// Whether this pass may annotate a pattern of these nodes.
  bool eligible(std::initializer_list<NodeId> nodes) const {
    for (NodeId n : nodes)
      if (annotated_[at(n)] || !admits(recipe_, g_, n)) return false;
    return stage_->accepts({nodes.begin(), nodes.size()});
  }

  /// conv or linear that can be quantized at all: constant weight, float source that no one quantized already.
  bool weighted(NodeId n) const {
    const Value& wei = g_.input_of(n, 1);
    return !annotated_[at(n)] && wei.is_constant() && wei.type.dtype == DataType::f32 && is_float(g_, g_.node(n).inputs[0]) &&
           !g_.input_of(n, 0).is_constant();
  }
  void observe(NodeId n, std::uint32_t input) {
    if (stage_->config) edges_.push_back({{n, input}, *stage_->config});
  }
  void quantize_weighted(NodeId n) {
    observe(n, 0);
    if (stage_->config) weighted_.push_back(n);
  }
  void close(std::initializer_list<NodeId> nodes) {
    for (NodeId n : nodes) annotated_[at(n)] = true;
    if (stage_->config) quantized_output_[at(*(nodes.end() - 1))] = true;
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
    if (g_.node(add).op != OpKind::add) return;
    const std::uint32_t other = g_.node(add).inputs[0] == out && uses.size() == 1 ? 1 : 0;
    if (g_.input_of(add, other).is_constant()) return;
    const auto take = [&] {
      quantize_weighted(n);
      if (!observe_other) return;
      observe(add, other);
      if (uses.size() == 2) observe(add, 1);
    };
    if (!with_relu) {
      if (!eligible({n, add})) return;
      take();
      return close({n, add});
    }
    for (const Use& u : g_.uses(g_.node(add).outputs[0])) {
      if (g_.node(u.node).op != OpKind::relu || !eligible({n, add, u.node})) continue;
      take();
      return close({n, add, u.node});
    }
  }

  void with_unary(NodeId n) {
    if (!weighted(n)) return;
    const std::optional<OperatorType> type = operator_type(g_, n);
    for (const Use& u : g_.uses(g_.node(n).outputs[0])) {
      const OpKind op = g_.node(u.node).op;
      const bool fits = op == OpKind::relu ||
                        (type == OperatorType::conv2d && (op == OpKind::clip || op == OpKind::hardswish || op == OpKind::silu)) ||
                        (type == OperatorType::linear && (op == OpKind::leaky_relu || op == OpKind::tanh || op == OpKind::gelu));
      if (!fits || !eligible({n, u.node})) continue;
      quantize_weighted(n);
      return close({n, u.node});
    }
  }

  void alone(NodeId n) {
    if (!weighted(n) || !eligible({n})) return;
    quantize_weighted(n);
    close({n});
  }

  /// Part of what one node of the user's model was taken apart into (attention, a vector norm, GLU): to the reference
  /// that node is one operator, and no product.
  bool is_part(NodeId n) const {
    const Node& node = g_.node(n);
    if (node.origin.empty()) return false;
    // Values inside are named "node/operation"; two calls of one module share the origin, not the name.
    const auto stem = [&](const Node& of) {
      const std::string& name = g_.value(of.outputs[0]).name;
      return name.substr(0, name.rfind('/'));
    };
    const auto same = [&](const Node* other) {
      if (!other || other->outputs.empty() || other->origin != node.origin) return false;
      const std::string &mine = g_.value(node.outputs[0]).name, &theirs = g_.value(other->outputs[0]).name;
      return stem(node) == theirs || stem(*other) == mine || (stem(node) == stem(*other) && stem(node) != mine);
    };
    return std::any_of(node.inputs.begin(), node.inputs.end(), [&](ValueId v) { return same(g_.producer(v)); }) ||
           std::any_of(g_.uses(node.outputs[0]).begin(), g_.uses(node.outputs[0]).end(), [&](const Use& u) { return same(&g_.node(u.node)); });
  }

  void both_inputs(NodeId n) {
    if (!eligible({n}) || is_part(n) || g_.input_of(n, 0).is_constant() || g_.input_of(n, 1).is_constant() || !is_float(g_, g_.node(n).inputs[0])) return;
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
    if (node.inputs.empty() || !is_float(g_, node.inputs[0]) || !passes_int8(node.op) || !eligible({n})) return;
    if (!stage_->config) return close({n});
    switch (node.op) {
      case OpKind::max_pool:
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
    shares_output_[at(n)] = stage_->config;
  }

  bool passes_int8(OpKind op) const {
    switch (op) {
      case OpKind::avg_pool: case OpKind::adaptive_avg_pool: case OpKind::concat: case OpKind::flatten: return true;
      case OpKind::max_pool: return recipe_.family == RecipeFamily::x86;
      default: return false;
    }
  }

  /// A value under one scheme: what an observer looks at.
  using Key = std::pair<std::uint32_t, qmath::Scheme>;
  static Key key(ValueId v, qmath::Scheme scheme) { return {static_cast<std::uint32_t>(v), scheme}; }

  /// Which observed values are one observer: all edges of one value; the inputs and the output of a pass-through (3.5).
  Annotations share() const {
    std::map<Key, Key> parent;  // union-find
    const std::function<Key(Key)> root = [&](Key k) {
      const auto it = parent.find(k);
      return it == parent.end() || it->second == k ? k : root(it->second);
    };
    const auto unite = [&](Key a, Key b) {
      const Key ra = root(a), rb = root(b);
      parent[std::max(ra, rb)] = std::min(ra, rb);
    };

    std::map<Key, ObservedValue> found;
    const auto observed = [&](ValueId v, qmath::Scheme scheme) -> ObservedValue& {
      return found.try_emplace(key(v, scheme), ObservedValue{v, 0, scheme, false, {}}).first->second;
    };
    for (const Edge& e : edges_) observed(g_.node(e.use.node).inputs[e.use.index], e.scheme).readers.push_back(e.use);
    for (NodeId n : g_.order()) {
      const ActivationConfig& shared = shares_output_[at(n)];
      if (!shared) continue;
      const Node& node = g_.node(n);
      observed(node.outputs[0], *shared).all_readers = true;
      unite(key(node.inputs[0], *shared), key(node.outputs[0], *shared));
      for (ValueId v : node.inputs) unite(key(node.inputs[0], *shared), key(v, *shared));
    }

    Annotations out;
    out.weighted = weighted_;
    std::map<Key, std::uint32_t> group_of_root;
    const auto emit = [&](ValueId v) {
      // An output observer comes first: what else looks at the value sees what it leaves.
      std::vector<ObservedValue*> here;
      for (qmath::Scheme scheme : {qmath::Scheme::affine, qmath::Scheme::symmetric})
        if (const auto it = found.find(key(v, scheme)); it != found.end()) here.push_back(&it->second);
      std::stable_sort(here.begin(), here.end(), [](const ObservedValue* a, const ObservedValue* b) { return a->all_readers > b->all_readers; });
      for (ObservedValue* o : here) {
        const auto [group, fresh] = group_of_root.try_emplace(root(key(v, o->scheme)), out.groups);
        if (fresh) ++out.groups;
        o->group = group->second;
        out.observed.push_back(*o);
      }
    };
    for (ValueId v : g_.inputs()) emit(v);
    for (NodeId n : g_.order())
      for (ValueId v : g_.node(n).outputs) emit(v);
    return out;
  }

  struct Edge {
    Use use;
    qmath::Scheme scheme;
  };

  const Graph& g_;
  const Recipe& recipe_;
  const Stage* stage_ = nullptr;
  std::vector<bool> annotated_, quantized_output_;
  std::vector<ActivationConfig> shares_output_;  ///< pass-through nodes, with the scheme that they were given
  std::vector<Edge> edges_;
  std::vector<NodeId> weighted_;
};

}  // namespace

Annotations annotate(const Graph& graph, const Recipe& recipe) { return Annotator(graph, recipe).run(); }

}  // namespace xpuq
