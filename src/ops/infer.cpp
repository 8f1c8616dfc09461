#include "ops/infer.h"

#include <algorithm>

#include "ops/type_rule.h"

namespace xpuq::ops {
namespace {

struct AttributeSpec {
  std::string_view name;
  char kind = 0;
  bool optional = false;
};

/// Takes the next "name:K" or "name:K?" from the text of ops.def; its form is trusted.
AttributeSpec next_spec(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(text.size(), word.size() + 1));
  const std::size_t colon = word.find(':');
  return {word.substr(0, colon), word[colon + 1], word.back() == '?'};
}

bool has_kind(const AttributeValue& value, char kind) {
  static constexpr std::string_view kinds = "ifsIFS";  // order of the alternatives of AttributeValue
  return kinds[value.index()] == kind;
}

std::string_view kind_text(char kind) {
  switch (kind) {
    case 'i':
      return "an integer";
    case 'f':
      return "a float";
    case 's':
      return "a string";
    case 'I':
      return "a list of integers";
    case 'F':
      return "a list of floats";
    default:
      return "a list of strings";
  }
}

std::string attribute_problem(const OpSchema& s, const Attributes& attributes) {
  std::size_t known = 0;
  for (std::string_view text = s.attributes; !text.empty();) {
    const AttributeSpec spec = next_spec(text);
    const AttributeValue* value = attributes.find(spec.name);
    if (value && !has_kind(*value, spec.kind))
      return sentence("attribute '", spec.name, "' is not ", kind_text(spec.kind));
    if (!value && !spec.optional) return sentence("attribute '", spec.name, "' is missing");
    known += value ? 1 : 0;
  }
  if (known == attributes.entries().size()) return {};
  for (const auto& [name, value] : attributes.entries()) {
    bool found = false;
    for (std::string_view text = s.attributes; !text.empty() && !found;) found = next_spec(text).name == name;
    if (!found) return sentence("attribute '", name, "' is not known");
  }
  return {};
}

Inferred run_rule(OpKind kind, const Attributes& attributes, std::span<const TensorType> inputs) {
  switch (kind) {
#define XPUQ_OP(name, least, most, outputs, group, attribute_list) \
  case OpKind::name:                                               \
    return infer_##group(kind, attributes, inputs);
#include "ops/ops.def"
#undef XPUQ_OP
  }
  return refuse("not an operation");
}

std::string arity_problem(const OpSchema& s, std::size_t count) {
  if (count >= static_cast<std::size_t>(s.min_inputs) && count <= static_cast<std::size_t>(s.max_inputs)) return {};
  if (s.min_inputs == s.max_inputs) return sentence(count, " inputs, expected ", s.min_inputs);
  return sentence(count, " inputs, expected ", s.min_inputs, " to ", s.max_inputs);
}

Inferred checked(OpKind kind, const Attributes& attributes, std::span<const TensorType> inputs) {
  const OpSchema& s = schema(kind);
  if (std::string p = arity_problem(s, inputs.size()); !p.empty()) return {{}, p};
  if (std::string p = attribute_problem(s, attributes); !p.empty()) return {{}, p};
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (std::string p = type_problem(inputs[i]); !p.empty()) return refuse("input ", i, ": ", p);
  Inferred out = run_rule(kind, attributes, inputs);
  for (const TensorType& t : out.types)
    if (std::string p = type_problem(t); !p.empty()) return refuse("output: ", p);
  return out;
}

}  // namespace
}  // namespace xpuq::ops

namespace xpuq {

Inferred infer(OpKind kind, const Attributes& attributes, std::span<const TensorType> inputs) {
  Inferred out = ops::checked(kind, attributes, inputs);
  if (!out.ok()) {
    out.types.clear();
    out.problem = ops::sentence(to_string(kind), ": ", out.problem);
  }
  return out;
}

}  // namespace xpuq
