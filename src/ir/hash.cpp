#include "ir/hash.h"

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

std::string merkle(const Graph& graph, bool with_contents) {
  std::vector<std::string> digest(graph.value_count());
  const auto of = [&](ValueId v) -> std::string& { return digest[static_cast<std::size_t>(v)]; };
  for (std::size_t i = 0; i < graph.inputs().size(); ++i) {
    Sha256 h;
    h.update("input " + std::to_string(i) + " " + to_text(graph.value(graph.inputs()[i]).type));
    of(graph.inputs()[i]) = h.hex();
  }
  const auto constant = [&](ValueId v) {
    const Value& value = graph.value(v);
    Sha256 h;
    h.update("const " + to_text(value.type));
    if (with_contents) h.update(std::span(value.constant->raw(), value.constant->bytes()));
    of(v) = h.hex();
  };
  const auto need = [&](ValueId v) -> const std::string& {
    if (of(v).empty()) constant(v);
    return of(v);
  };
  for (NodeId n : graph.order()) {
    const Node& node = graph.node(n);
    // ONNX exports have lost dropout, and a model is the same model with or without it.
    if (node.op == OpKind::dropout) {
      of(node.outputs[0]) = need(node.inputs[0]);
      continue;
    }
    std::string text = std::string(to_string(node.op)) + to_string(rounded(node.attributes));
    for (ValueId v : node.inputs) text += " " + need(v);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      Sha256 h;
      h.update(text + " -> " + std::to_string(i) + " " + to_text(graph.value(node.outputs[i]).type));
      of(node.outputs[i]) = h.hex();
    }
  }
  Sha256 h;
  h.update("graph " + std::to_string(graph.inputs().size()));
  for (ValueId v : graph.outputs()) h.update(" " + need(v));
  return h.hex();
}

}  // namespace

GraphHash hash_graph(const Graph& graph) { return {.graph = merkle(graph, false), .weights = merkle(graph, true)}; }

}  // namespace xpuq
