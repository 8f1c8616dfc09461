#include "import/pt2/program.h"

#include <array>

#include "import/pt2/json_fields.h"

namespace xpuq::pt2 {
namespace {

// Since 5.1 (torch 2.3) unions are objects with one key; what came after only added fields and made some optional.
constexpr int kOldestMajor = 5, kNewestMajor = 8, kNewestMinor = 20;

Error damaged(const std::string& file, std::string what, std::string got = {}) {
  return {.code = "E307",
          .who = file,
          .what = "its program " + std::move(what),
          .got = std::move(got),
          .expected = {},
          .remedy = "save the model again with torch.export.save",
          .node = {}};
}

std::string name_in(const Json* argument) { return text_of(field(argument, "name")).value_or(""); }

Result<void> read_version(const Json& document, const std::string& file, Program& p) {
  const Json* version = field(&document, "schema_version");
  const auto major = integer_of(field(version, "major"));
  const auto minor = integer_of(field(version, "minor"));
  if (!major || !minor || *major < 0 || *minor < 0 || *major > 1'000'000 || *minor > 1'000'000)
    return damaged(file, "has no schema version");
  p.major = static_cast<int>(*major);
  p.minor = static_cast<int>(*minor);
  p.torch_version = text_of(field(&document, "torch_version")).value_or("");
  if (p.major >= kOldestMajor && p.major <= kNewestMajor) return {};
  const bool newer = p.major > kNewestMajor;
  return Error{.code = "E303",
               .who = file,
               .what = std::string("export schema is ") + (newer ? "newer" : "older") + " than this program can read",
               .got = "schema " + std::to_string(p.major) + "." + std::to_string(p.minor) +
                      (p.torch_version.empty() ? "" : " (written by torch " + p.torch_version + ")"),
               .expected = "schema " + std::to_string(kOldestMajor) + ".x to " + std::to_string(kNewestMajor) +
                           ".x (newest known " + std::to_string(kNewestMajor) + "." + std::to_string(kNewestMinor) +
                           ")",
               .remedy = newer ? "use a newer xpuq, or export with torch 2.13" : "export again with torch >= 2.8",
               .node = {}};
}

Result<void> read_inputs(const Json* list, const std::string& file, Program& p) {
  using Kind = InputSpec::Kind;
  struct Tag {
    std::string_view tag;
    Kind kind;
    const char* fqn;
  };
  static constexpr std::array tags{Tag{"parameter", Kind::parameter, "parameter_name"},
                                   Tag{"buffer", Kind::buffer, "buffer_name"},
                                   Tag{"tensor_constant", Kind::constant, "tensor_constant_name"}};
  if (!list || !list->is_array()) return damaged(file, "has no input signature");
  for (const Json& item : *list) {
    const auto [tag, spec] = tagged(&item);
    if (tag.empty())
      return damaged(file, "has a broken input signature",
                     item.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 80));
    InputSpec in;
    const Json* arg = field(spec, "arg");
    if (tag == "user_input") {
      const auto [kind, value] = tagged(arg);
      in.kind = kind == "as_tensor"                                                         ? Kind::user
                : kind == "as_sym_int" || kind == "as_custom_obj" || kind == "as_sym_float" ? Kind::other
                                                                                            : Kind::number;
      in.name = name_in(value);
      in.label = kind;
    } else if (tag == "constant_input") {
      in.kind = Kind::number;
      in.name = name_in(spec);
    } else {
      in.kind = Kind::other;
      in.label = tag;
      in.name = name_in(arg);
      for (const Tag& t : tags)
        if (tag == t.tag) {
          in.kind = t.kind;
          in.fqn = text_of(field(spec, t.fqn)).value_or("");
          if (in.fqn.empty()) return damaged(file, "has an input '" + in.name + "' without " + t.fqn);
        }
    }
    if (in.name.empty() && (in.kind == Kind::user || !in.fqn.empty()))
      return damaged(file, "has an input without a name");
    p.inputs.push_back(std::move(in));
  }
  return {};
}

Result<void> read_outputs(const Json* list, const std::string& file, Program& p) {
  using Kind = OutputSpec::Kind;
  if (!list || !list->is_array()) return damaged(file, "has no output signature");
  for (const Json& item : *list) {
    const auto [tag, spec] = tagged(&item);
    if (tag.empty()) return damaged(file, "has a broken output signature");
    OutputSpec out;
    const Json* arg = field(spec, "arg");
    out.label = tag;
    if (tag == "user_output") {
      const auto [kind, value] = tagged(arg);
      if (kind.empty()) return damaged(file, "has a broken output signature");
      out.label = kind;
      out.name = kind == "as_tensor" ? name_in(value) : "";
      if (kind == "as_tensor" && out.name.empty()) return damaged(file, "has an output without a name");
    } else {
      out.kind = tag == "buffer_mutation" || tag == "user_input_mutation" || tag == "parameter_mutation"
                     ? Kind::mutation
                     : Kind::other;
      out.name = name_in(arg);
    }
    p.outputs.push_back(std::move(out));
  }
  return {};
}

Result<void> read_node(const Json& item, const std::string& file, Program& p) {
  ProgramNode n;
  n.target = text_of(field(&item, "target")).value_or("");
  const Json* inputs = field(&item, "inputs");
  const Json* outputs = field(&item, "outputs");
  const std::string where = "node number " + std::to_string(p.nodes.size());
  if (n.target.empty() || !inputs || !inputs->is_array() || !outputs || !outputs->is_array())
    return damaged(file, "has a broken " + where + ", which needs target, inputs and outputs", n.target);
  if (n.target.starts_with("torch.ops.")) n.target = n.target.substr(10);
  for (const Json& input : *inputs) {
    const auto name = text_of(field(&input, "name"));
    const Json* arg = field(&input, "arg");
    if (!name || tagged(arg).first.empty()) return damaged(file, "has a broken argument in " + where, n.target);
    n.arguments.emplace(*name, arg);
  }
  for (const Json& output : *outputs) {
    for (std::string& name : tensor_names(&output)) n.outputs.push_back(std::move(name));
    const auto [tag, value] = tagged(&output);
    if (tag == "as_none") n.outputs.emplace_back();  // keeps the position of the others
    if (tag.starts_with("as_sym_")) n.scalars.push_back(text_of(field(value, "as_name")).value_or(""));
  }
  n.name = text_of(field(&item, "name")).value_or("");
  // Names were added in schema 8.9; before, the (only) output is named after the node.
  if (n.name.empty())
    n.name = !n.outputs.empty() && !n.outputs[0].empty() ? n.outputs[0] : !n.scalars.empty() ? n.scalars[0] : n.target;
  n.module_stack = text_of(field(field(&item, "metadata"), "nn_module_stack")).value_or("");
  p.nodes.push_back(std::move(n));
  return {};
}

void read_ranges(const Json* ranges, Program& p) {
  if (!ranges || !ranges->is_object()) return;
  for (const auto& [expression, range] : ranges->items())
    p.ranges[expression] = {integer_of(field(&range, "min_val")), integer_of(field(&range, "max_val"))};
}

void index_values(const Json* object, std::unordered_map<std::string, const Json*>& into) {
  if (!object || !object->is_object()) return;
  for (const auto& [name, value] : object->items()) into.emplace(name, &value);
}

}  // namespace

std::vector<std::string> tensor_names(const Json* argument) {
  const auto [tag, value] = tagged(argument);
  std::vector<std::string> out;
  const auto add = [&](const Json* tensor) {
    if (std::string name = name_in(tensor); !name.empty()) out.push_back(std::move(name));
  };
  if (tag == "as_tensor") add(value);
  if (tag == "as_optional_tensor") add(field(value, "as_tensor"));
  if (tag == "as_tensors" && value->is_array())
    for (const Json& t : *value) add(&t);
  if (tag == "as_optional_tensors" && value->is_array())
    for (const Json& t : *value) add(field(&t, "as_tensor"));
  if (tag == "as_nested_tensors" && value->is_array())
    for (const Json& list : *value)
      if (list.is_array())
        for (const Json& t : list) add(&t);
  return out;
}

std::optional<SymbolicInt> symbolic_int(const Json* value) {
  if (const auto v = integer_of(field(value, "as_int"))) return *v;
  const auto text = text_of(field(field(value, "as_expr"), "expr_str"));
  if (!text) return std::nullopt;
  auto expression = SymbolicExpression::parse(*text);
  return expression ? std::optional<SymbolicInt>(std::move(*expression)) : std::nullopt;
}

std::optional<TensorMeta> Program::tensor_meta(const std::string& name) const {
  const auto it = tensor_values.find(name);
  if (it == tensor_values.end()) return std::nullopt;
  const auto dtype = integer_of(field(it->second, "dtype"));
  const Json* sizes = field(it->second, "sizes");
  if (!dtype || !sizes || !sizes->is_array()) return std::nullopt;
  TensorMeta meta{*dtype, {}};
  for (const Json& size : *sizes) {
    auto s = symbolic_int(&size);
    if (!s) return std::nullopt;
    meta.sizes.push_back(std::move(*s));
  }
  return meta;
}

Result<Program> read_program(const Json& document, const std::string& file) {
  Program p;
  if (!document.is_object()) return damaged(file, "is not a JSON object");
  XPUQ_TRY(read_version(document, file, p));
  const Json* module = field(&document, "graph_module");
  const Json* graph = field(module, "graph");
  const Json* signature = field(module, "signature");
  const Json* nodes = field(graph, "nodes");
  if (!graph || !signature || !nodes || !nodes->is_array()) return damaged(file, "has no graph", {});
  XPUQ_TRY(read_inputs(field(signature, "input_specs"), file, p));
  XPUQ_TRY(read_outputs(field(signature, "output_specs"), file, p));
  for (const Json& node : *nodes) XPUQ_TRY(read_node(node, file, p));
  index_values(field(graph, "tensor_values"), p.tensor_values);
  for (const char* key : {"sym_int_values", "sym_float_values", "sym_bool_values"})
    index_values(field(graph, key), p.number_values);
  read_ranges(field(&document, "range_constraints"), p);
  return p;
}

}  // namespace xpuq::pt2
