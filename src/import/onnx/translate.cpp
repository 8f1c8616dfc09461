#include "import/onnx/translate.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "import/onnx/functions.h"
#include "import/onnx/quantization.h"
#include "import/onnx/reader.h"
#include "import/onnx/table.h"

namespace xpuq::onnx_import {
namespace {

bool defines(const Scope* scope, const std::string& name) {
  for (; scope; scope = scope->outer)
    if (scope->values.contains(name) || scope->initializers.contains(name)) return true;
  return false;
}

bool hands_through(const onnx::NodeProto& node) {
  if (!is_default_domain(node.domain()) || node.output_size() < 1 || node.input_size() < 1) return false;
  return node.op_type() == "Identity";
}

/// The name of an operator in the table.
std::string full_name(const onnx::NodeProto& node) {
  return is_default_domain(node.domain()) ? node.op_type() : node.domain() + "." + node.op_type();
}

/// Operators that say what their codes mean.
bool reads_codes(std::string_view op) {
  return op == "DequantizeLinear" || op.starts_with("QLinear") || op.starts_with("com.microsoft.Q");
}

/// Operators that move codes without looking at them: the result means what its source meant.
bool moves_codes(std::string_view op) {
  static constexpr std::array kMoves = std::to_array<std::string_view>(
      {"Concat", "DepthToSpace", "Dropout", "Expand", "Flatten", "Gather", "Identity", "MaxPool", "Reshape", "Shape",
       "Size", "Slice", "SpaceToDepth", "Split", "Squeeze", "Tile", "Transpose", "Unsqueeze"});
  return std::find(kMoves.begin(), kMoves.end(), op) != kMoves.end();
}

/// Whether all values that a moving operator joins are codes of one meaning.
bool one_meaning(const Session& session, const std::vector<ValueId>& inputs, std::size_t joined) {
  const GraphBuilder& builder = session.builder;
  for (std::size_t i = 0; i < std::min(joined, inputs.size()); ++i) {
    const auto& quant = builder.type(inputs[i]).quant;
    if (!quant || !quant->per_tensor() || *quant != *builder.type(inputs[0]).quant ||
        session.code_type(inputs[i]) != session.code_type(inputs[0]))
      return false;
  }
  return true;
}

/// A model's outputs keep their names: where an Identity makes one, the value behind it is shown under that name.
void show_output_names(const std::vector<FlatNode>& nodes, const NodeOrder& order, const onnx::GraphProto& graph,
                       Scope& scope) {
  std::unordered_map<std::string, const onnx::NodeProto*> producer;
  for (std::size_t i : order.nodes)
    for (const std::string& name : nodes[i].proto->output()) producer[name] = nodes[i].proto;
  std::unordered_map<std::string, std::string>& shown = scope.shown;
  for (const auto& output : graph.output()) shown[output.name()] = output.name();
  for (const auto& output : graph.output()) {
    const std::string* at = &output.name();
    for (auto it = producer.find(*at);
         it != producer.end() && hands_through(*it->second) && it->second->output(0) == *at; it = producer.find(*at)) {
      at = &it->second->input(0);
      if (!shown.emplace(*at, output.name()).second) break;
    }
  }
}

}  // namespace

Result<void> Translator::declare(const onnx::GraphProto& graph, Scope& scope) const {
  for (const auto& tensor : graph.initializer()) {
    if (tensor.name().empty()) return file_error(session_.file(), "E306", "an initializer has no name");
    if (!scope.initializers.emplace(tensor.name(), &tensor).second)
      return file_error(session_.file(), "E306", "initializer '" + tensor.name() + "' is given twice");
  }
  if (graph.sparse_initializer_size() > 0)
    return file_error(session_.file(), "E301", "sparse initializers are not supported",
                      "'" + graph.sparse_initializer(0).values().name() + "'", "dense tensors",
                      "store the weights as dense initializers");
  return {};
}

Result<Outputs> Translator::translate(const onnx::GraphProto& graph, Scope& scope) {
  XPUQ_ASSIGN(const std::vector<FlatNode> nodes, expand_functions(session_, graph.node(), opset_));
  std::vector<std::string> wanted;
  for (const auto& output : graph.output()) wanted.push_back(output.name());
  const auto defined = [&](const std::string& name) { return defines(&scope, name); };
  XPUQ_ASSIGN(const NodeOrder order, order_nodes(session_.file(), nodes, defined, wanted));
  XPUQ_TRY(check_supported(nodes, order));
  if (order.unused > 0 && !scope.outer)
    session_.note(std::to_string(order.unused) + (order.unused == 1 ? " node feeds" : " nodes feed") +
                  " no output, left out");
  if (!scope.outer) show_output_names(nodes, order, graph, scope);
  for (std::size_t i : order.nodes) XPUQ_TRY(translate_node(nodes[i], scope));
  Outputs out;
  for (const std::string& name : wanted) {
    XPUQ_ASSIGN(const ValueId v, value(name, "", scope));
    out.push_back(v);
  }
  return out;
}

Result<void> Translator::check_supported(const std::vector<FlatNode>& nodes, const NodeOrder& order) const {
  UnsupportedOps unsupported;
  for (std::size_t i : order.nodes) {
    const onnx::NodeProto& node = *nodes[i].proto;
    if (find_operator(full_name(node))) continue;
    unsupported.add(full_name(node), origin_of(node));
  }
  if (unsupported.empty()) return {};
  return unsupported.error(session_.file(), nodes.size());
}

Result<void> Translator::translate_node(const FlatNode& flat, Scope& scope) {
  const onnx::NodeProto& node = *flat.proto;
  Call call(session_, *find_operator(full_name(node)), node, flat.opset, origin_of(node));
  for (const std::string& name : node.input()) {
    ValueId v = ValueId::none;
    if (!name.empty()) {
      XPUQ_ASSIGN(v, value(name, call.origin, scope));
    }
    call.inputs.push_back(v);
  }
  for (const std::string& name : node.output()) {
    const auto other = scope.shown.find(name);
    call.names.push_back(other != scope.shown.end() ? other->second : name);
  }
  call.inline_graph = [&](const onnx::GraphProto& branch) -> Result<Outputs> {
    Scope inner;
    inner.outer = &scope;
    XPUQ_TRY(declare(branch, inner));
    return translate(branch, inner);
  };
  XPUQ_TRY(call.check());
  XPUQ_TRY(settle_codes(call));
  XPUQ_ASSIGN(const Outputs made, call.op.translate(call));
  for (const ValueId v : made)
    if (v != ValueId::none && session_.builder.type(v).quant && moves_codes(call.op.name))
      session_.remember_codes(v, session_.code_type(call.in(0)));
  for (int i = 0; i < node.output_size(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (!node.output(i).empty()) scope.values[node.output(i)] = at < made.size() ? made[at] : ValueId::none;
  }
  return {};
}

// Codes are plain integers to every operator that does not know what they mean.
Result<void> Translator::settle_codes(Call& call) {
  const std::string_view op = call.op.name;
  if (reads_codes(op) || op == "If") return {};
  if (moves_codes(op) && call.has(0) && one_meaning(session_, call.inputs, op == "Concat" ? call.inputs.size() : 1))
    return {};
  for (ValueId& v : call.inputs)
    if (v != ValueId::none) {
      XPUQ_ASSIGN(v, as_numbers(session_, v, session_.builder.name(v) + ".codes", call.origin));
    }
  return {};
}

Result<ValueId> Translator::value(const std::string& name, const std::string& reader, Scope& scope) {
  for (Scope* s = &scope; s; s = s->outer) {
    if (const auto it = s->values.find(name); it != s->values.end()) {
      if (it->second != ValueId::none) return it->second;
      Error e = session_.builder.problem(reader, "needs '" + name + "', an output that is not supported");
      if (reader.empty()) e.what = "output '" + name + "' is an output of its node that is not supported";
      return e;
    }
    if (const auto it = s->initializers.find(name); it != s->initializers.end()) {
      XPUQ_ASSIGN(const ValueId v, session_.constant("initializer '" + name + "'", name, *it->second));
      s->values[name] = v;
      return v;
    }
  }
  return file_error(session_.file(), "E306", "'" + name + "' is defined nowhere");
}

}  // namespace xpuq::onnx_import
