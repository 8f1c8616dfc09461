// Call::check: a node against what the table says of its operator, so that no translation meets an attribute of
// another kind, or one that it would silently ignore.
#include <set>
#include <string_view>

#include "import/onnx/call.h"

namespace xpuq::onnx_import {
namespace {

struct Spec {
  std::string_view name;
  char kind = 0;
  bool required = false;
};

Spec next_spec(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(text.size(), word.size() + 1));
  const std::size_t colon = word.find(':');
  return {word.substr(0, colon), word[colon + 1], word.back() == '!'};
}

char kind_of(const onnx::AttributeProto& a) {
  switch (a.type()) {
    case onnx::AttributeProto::FLOAT: return 'f';
    case onnx::AttributeProto::INT: return 'i';
    case onnx::AttributeProto::STRING: return 's';
    case onnx::AttributeProto::TENSOR: return 't';
    case onnx::AttributeProto::GRAPH: return 'g';
    case onnx::AttributeProto::FLOATS: return 'F';
    case onnx::AttributeProto::INTS: return 'I';
    case onnx::AttributeProto::STRINGS: return 'S';
    case onnx::AttributeProto::SPARSE_TENSOR: return 'p';
    case onnx::AttributeProto::UNDEFINED: break;  // files from before IR version 2 do not say
    default: return '?';
  }
  if (a.has_i()) return 'i';
  if (a.has_f()) return 'f';
  if (a.has_s()) return 's';
  if (a.has_t()) return 't';
  if (a.has_g()) return 'g';
  return a.floats_size() ? 'F' : a.strings_size() ? 'S' : 'I';
}

std::string kind_text(char kind) {
  switch (kind) {
    case 'i': return "an integer";
    case 'f': return "a float";
    case 's': return "a string";
    case 'I': return "a list of integers";
    case 'F': return "a list of floats";
    case 'S': return "a list of strings";
    case 't': return "a tensor";
    case 'p': return "a sparse tensor";
    case 'g': return "a graph";
    default: return "something else";
  }
}

}  // namespace

Result<void> Call::check() const {
  const auto count = static_cast<std::int64_t>(inputs.size());
  if (count > op.max_inputs)
    return problem("too many inputs", std::to_string(count), "at most " + std::to_string(op.max_inputs));
  for (int i = 0; i < op.min_inputs; ++i)
    if (!has(static_cast<std::size_t>(i)))
      return problem("input " + std::to_string(i) + " is missing", std::to_string(count) + " inputs",
                     "at least " + std::to_string(op.min_inputs));
  if (node.output_size() == 0) return problem("has no output", "0", "at least 1");

  std::set<std::string> seen;
  for (const auto& a : node.attribute()) {
    const std::string name = "attribute '" + a.name() + "'";
    if (!seen.insert(a.name()).second) return problem(name + " is given twice");
    if (!a.ref_attr_name().empty())
      return problem(name + " refers to '" + a.ref_attr_name() + "', which no function provides");
    char wanted = 0;
    for (std::string_view specs = op.attributes; !specs.empty() && !wanted;)
      if (const Spec s = next_spec(specs); s.name == a.name()) wanted = s.kind;
    if (!wanted) return problem(name + " is not known", a.name(), "one of: " + std::string(op.attributes));
    if (kind_of(a) != wanted) return problem(name + " has the wrong type", kind_text(kind_of(a)), kind_text(wanted));
  }
  for (std::string_view specs = op.attributes; !specs.empty();)
    if (const Spec s = next_spec(specs); s.required && !seen.contains(std::string(s.name)))
      return problem("attribute '" + std::string(s.name) + "' is missing", "", kind_text(s.kind));
  return {};
}

}  // namespace xpuq::onnx_import
