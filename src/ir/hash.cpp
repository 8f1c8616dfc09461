#include "ir/hash.h"

#include <algorithm>

#include "ir/text.h"
#include "support/sha256.h"

namespace xpuq {
namespace {

Attributes rounded(const Attributes& attributes) {
  Attributes out;
  for (auto [name, value] : attributes.entries()) {
    if (auto* v = std::get_if<double>(&value)) *v = static_cast<float>(*v);
    if (auto* list = std::get_if<Floats>(&value))
      for (double& v : *list) v = static_cast<float>(v);
    out.set(name, value);
  }
  return out;
}

/// Digests of values, from the inputs on. Exporters write one computation in several ways; those that keep its meaning
/// without a rewrite of the graph (which the quantizer would notice) count as one here:
///   dropout(x), concat(x) = x          flatten(x) = reshape(x)
///   concat(concat(a, b), c) = concat(a, b, c)          conv(pad(x)) = conv(x) with more padding
class Merkle {
 public:
  Merkle(const Graph& graph, bool with_contents) : g_(graph), with_contents_(with_contents), digest_(graph.value_count()) {}

  std::string run() {
    for (std::size_t i = 0; i < g_.inputs().size(); ++i)
      of(g_.inputs()[i]) = hashed("input " + std::to_string(i) + " " + to_text(g_.value(g_.inputs()[i]).type));
    for (NodeId n : g_.order()) visit(g_.node(n));
    std::string whole = "graph " + std::to_string(g_.inputs().size());
    for (ValueId v : g_.outputs()) whole += " " + need(v);
    return hashed(whole);
  }

 private:
  static std::string hashed(const std::string& text) {
    Sha256 h;
    h.update(text);
    return h.hex();
  }
  std::string& of(ValueId v) { return digest_[static_cast<std::size_t>(v)]; }

  const std::string& need(ValueId v) {
    if (!of(v).empty()) return of(v);
    const Value& value = g_.value(v);
    Sha256 h;
    h.update("const " + to_text(value.type));
    if (with_contents_) h.update(std::span(value.constant->raw(), value.constant->bytes()));
    return of(v) = h.hex();
  }

  void visit(const Node& node) {
    if (is_no_op(node.op, node.inputs.size())) {
      of(node.outputs[0]) = need(node.inputs[0]);
      return;
    }
    OpKind op = node.op;
    Attributes attributes = rounded(node.attributes);
    std::vector<ValueId> inputs = node.inputs;
    if (op == OpKind::flatten) {
      op = OpKind::reshape;
      attributes = {{"shape", g_.value(node.outputs[0]).type.shape}};
    } else if (op == OpKind::concat) {
      if (outer(node)) return;  // counted there
      inputs = leaves(node);
    } else if (op == OpKind::conv) {
      inputs[0] = unpadded(node, attributes);
    }
    std::string text = std::string(to_string(op)) + to_string(attributes);
    for (ValueId v : inputs) text += " " + need(v);
    for (std::size_t i = 0; i < node.outputs.size(); ++i)
      of(node.outputs[i]) = hashed(text + " -> " + std::to_string(i) + " " + to_text(g_.value(node.outputs[i]).type));
  }

  /// The concat along the same axis that alone reads this one's result, if there is such.
  const Node* outer(const Node& concat) const {
    const NodeId user = g_.sole_user(concat.outputs[0]);
    if (user == NodeId::none) return nullptr;
    const Node& reader = g_.node(user);
    return reader.op == OpKind::concat && reader.attributes.get_int("axis", 0) == concat.attributes.get_int("axis", 0) ? &reader : nullptr;
  }

  /// What a concat puts together, through concats that nobody else reads.
  std::vector<ValueId> leaves(const Node& concat) const {
    std::vector<ValueId> out, open(concat.inputs.rbegin(), concat.inputs.rend());
    while (!open.empty()) {
      const ValueId v = open.back();
      open.pop_back();
      const Node* inner = g_.producer(v);
      if (inner && inner->op == OpKind::concat && outer(*inner)) open.insert(open.end(), inner->inputs.rbegin(), inner->inputs.rend());
      else out.push_back(v);
    }
    return out;
  }

  /// The source of a convolution before a padding with zeros along its spatial axes, which is added to its own.
  ValueId unpadded(const Node& conv, Attributes& attributes) const {
    const Node* pad = g_.producer(conv.inputs[0]);
    if (!pad || pad->op != OpKind::pad || pad->attributes.get_string("mode") != "constant" || pad->attributes.get_float("value", 0) != 0)
      return conv.inputs[0];
    const Ints &begin = pad->attributes.get_ints("begin"), &end = pad->attributes.get_ints("end");
    Ints pads_begin = attributes.get_ints("pads_begin"), pads_end = attributes.get_ints("pads_end");
    const auto zero = [](const Ints& p) { return p[0] == 0 && p[1] == 0; };
    const auto cuts = [](std::int64_t p) { return p < 0; };
    if (begin.size() != pads_begin.size() + 2 || !zero(begin) || !zero(end) || std::any_of(begin.begin(), begin.end(), cuts) ||
        std::any_of(end.begin(), end.end(), cuts))
      return conv.inputs[0];
    for (std::size_t i = 0; i < pads_begin.size(); ++i) {
      pads_begin[i] += begin[i + 2];
      pads_end[i] += end[i + 2];
    }
    attributes.set("pads_begin", pads_begin);
    attributes.set("pads_end", pads_end);
    return pad->inputs[0];
  }

  const Graph& g_;
  bool with_contents_;
  std::vector<std::string> digest_;
};

}  // namespace

GraphHash hash_graph(const Graph& graph) { return {.graph = Merkle(graph, false).run(), .weights = Merkle(graph, true).run()}; }

}  // namespace xpuq
