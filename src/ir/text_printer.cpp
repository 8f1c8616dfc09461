#include <cctype>

#include "ir/text.h"
#include "support/json.h"
#include "support/sha256.h"

namespace xpuq {
namespace {

constexpr std::int64_t kLargestLiteral = 16;

std::string reference(const std::string& name) {
  bool plain = true;
  for (char c : name) plain = plain && (std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '/' || c == '-' || c == ':');
  if (plain) return "%" + name;
  std::string out = "%\"";
  for (char c : name) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

template <class T, class F>
std::string listed(const Tensor& t, F text) {
  std::string out = "[";
  for (std::int64_t i = 0; i < t.elements(); ++i) out += (i ? ", " : "") + text(t.data<T>()[i]);
  return out + "]";
}

std::string literal(const Tensor& t) {
  if (t.elements() <= kLargestLiteral) {
    const auto whole = [](auto v) { return std::to_string(static_cast<long long>(v)); };
    switch (t.dtype()) {
      case DataType::f32: return listed<float>(t, [](float v) { return format_f32(v); });
      case DataType::f64: return listed<double>(t, [](double v) { return format_f64(v); });
      case DataType::s64: return listed<std::int64_t>(t, whole);
      case DataType::s32: return listed<std::int32_t>(t, whole);
      case DataType::s8: return listed<std::int8_t>(t, whole);
      case DataType::u8:
      case DataType::boolean: return listed<std::uint8_t>(t, whole);
      default: break;
    }
  }
  return "#" + sha256_hex({t.raw(), t.bytes()}).substr(0, 12);
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) out += (i ? ", \"" : "\"") + names[i] + "\"";
  return out;
}

}  // namespace

std::string to_text(const TensorType& type) {
  std::string out(to_string(type.dtype));
  out += '[';
  for (std::size_t i = 0; i < type.shape.size(); ++i) out += (i ? "," : "") + std::to_string(type.shape[i]);
  out += ']';
  if (const auto& q = type.quant) {
    if (q->per_tensor()) {
      out += '<' + format_f32(q->scales[0]) + ':' + std::to_string(q->zero_points[0]) + '>';
    } else {
      out += "<axis " + std::to_string(*q->axis) + ": ";
      for (std::size_t i = 0; i < q->scales.size(); ++i) out += (i ? ", " : "") + format_f32(q->scales[i]);
      out += '>';
    }
  }
  if (type.layout == Layout::channels_last) out += " channels_last";
  return out;
}

std::string to_text(const Graph& graph) {
  std::string out = "graph (";
  bool first = true;
  for (ValueId v : graph.inputs()) {
    out += (first ? "" : ", ") + reference(graph.value(v).name) + ": " + to_text(graph.value(v).type);
    first = false;
  }
  out += ") {\n";
  for (ValueId v : graph.live_values()) {
    const Value& value = graph.value(v);
    if (value.is_constant()) out += "  " + reference(value.name) + " = const " + to_text(value.type) + " " + literal(*value.constant) + "\n";
  }
  for (NodeId n : graph.order()) {
    const Node& node = graph.node(n);
    out += "  ";
    if (!node.outputs.empty()) out += reference(graph.output_of(n).name) + " = ";
    out += std::string(to_string(node.op)) + "(";
    for (std::size_t i = 0; i < node.inputs.size(); ++i) out += (i ? ", " : "") + reference(graph.input_of(n, i).name);
    out += ")";
    if (const std::string a = to_string(node.attributes); !a.empty()) out += " " + a;
    if (!node.outputs.empty()) out += " : " + to_text(graph.output_of(n).type);
    if (!node.origin.empty()) out += "  " + quoted_list(node.origin);
    out += "\n";
  }
  out += "  return ";
  for (std::size_t i = 0; i < graph.outputs().size(); ++i) out += (i ? ", " : "") + reference(graph.value(graph.outputs()[i]).name);
  return out + "\n}\n";
}

std::string to_dot(const Graph& graph) {
  const auto escape = [](const std::string& s) {
    std::string out;
    for (char c : s) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    return out;
  };
  std::string out = "digraph model {\n  node [shape=box, fontname=\"sans-serif\"];\n";
  const auto id = [](ValueId v) { return "v" + std::to_string(static_cast<std::uint32_t>(v)); };
  for (ValueId v : graph.inputs()) out += "  " + id(v) + " [label=\"" + escape(graph.value(v).name) + "\\n" + to_text(graph.value(v).type) + "\", style=rounded];\n";
  for (NodeId n : graph.order()) {
    const Node& node = graph.node(n);
    const std::string self = "n" + std::to_string(static_cast<std::uint32_t>(n));
    const bool int8 = !node.outputs.empty() && graph.output_of(n).type.dtype == DataType::s8;
    out += "  " + self + " [label=\"" + std::string(to_string(node.op)) + (node.outputs.empty() ? "" : "\\n" + to_text(graph.output_of(n).type)) +
           "\"" + (int8 ? ", style=filled, fillcolor=\"#cfe8cf\"" : "") + "];\n";
    for (ValueId v : node.inputs) {
      if (graph.value(v).is_constant()) continue;
      const NodeId p = graph.value(v).producer;
      out += "  " + (p == NodeId::none ? id(v) : "n" + std::to_string(static_cast<std::uint32_t>(p))) + " -> " + self + ";\n";
    }
  }
  return out + "}\n";
}

}  // namespace xpuq
