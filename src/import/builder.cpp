#include "import/builder.h"

#include <algorithm>

#include "reference/evaluate.h"
#include "support/check.h"

namespace xpuq {
namespace {

constexpr std::size_t kLargestFolded = std::size_t{64} << 20;

template <class T>
Ints widen(const Tensor& t) {
  const auto span = t.span<T>();
  return {span.begin(), span.end()};
}

}  // namespace

const Tensor* GraphBuilder::constant_of(ValueId v) const {
  const Value& value = graph_.value(v);
  return value.constant ? &*value.constant : nullptr;
}

std::optional<Ints> GraphBuilder::ints_of(ValueId v) const {
  const Tensor* t = constant_of(v);
  if (!t) return std::nullopt;
  switch (t->dtype()) {
    case DataType::s64: return widen<std::int64_t>(*t);
    case DataType::s32: return widen<std::int32_t>(*t);
    case DataType::boolean: return widen<std::uint8_t>(*t);
    default: return std::nullopt;
  }
}

std::optional<double> GraphBuilder::number_of(ValueId v) const {
  const Tensor* t = constant_of(v);
  if (!t || t->elements() != 1) return std::nullopt;
  if (t->dtype() == DataType::f32) return t->data<float>()[0];
  if (t->dtype() == DataType::f64) return t->data<double>()[0];
  if (const auto ints = ints_of(v)) return static_cast<double>((*ints)[0]);
  return std::nullopt;
}

Result<ValueId> GraphBuilder::emit(OpKind op, std::vector<ValueId> inputs, Attributes attributes, const std::string& name,
                                   const std::string& origin) {
  std::vector<TensorType> types;
  for (ValueId v : inputs) types.push_back(type(v));
  const Inferred inferred = infer(op, attributes, types);
  if (!inferred.ok()) return problem(origin, inferred.problem);

  // A quantized constant keeps its dequantize: the int8 forms are made from the pair.
  // Codes with their parameters take no more room than those without.
  const bool fits = inferred.types.size() == 1 && (inferred.types[0].bytes() <= kLargestFolded || op == OpKind::from_codes);
  const bool foldable = op != OpKind::dequantize && !inputs.empty() && fits &&
                        std::all_of(inputs.begin(), inputs.end(), [&](ValueId v) { return constant_of(v) != nullptr; });
  if (foldable) {
    std::vector<Tensor> operands;
    for (ValueId v : inputs) operands.push_back(*constant_of(v));
    auto folded = evaluate(op, attributes, operands, types);
    if (!folded) {
      Error e = folded.error();
      return problem(origin, e.what);
    }
    return constant(name, (*folded)[0], inferred.types[0].quant);
  }
  return rewriter_.append(op, std::move(inputs), std::move(attributes), name, {origin});
}

Graph GraphBuilder::finish(const std::vector<ValueId>& outputs) {
  for (ValueId v : outputs) rewriter_.add_output(v);
  rewriter_.commit();
  return std::move(graph_);
}

Error GraphBuilder::problem(const std::string& origin, std::string what) const {
  return {.code = "E302", .who = file_, .what = std::move(what), .got = {}, .expected = {}, .remedy = {}, .node = origin};
}

Error UnsupportedOps::error(const std::string& file, std::size_t nodes_in_model) const {
  struct Group {
    std::string op;
    std::vector<std::string> nodes;
  };
  std::vector<Group> groups;
  for (const Finding& f : found_) {
    auto it = std::find_if(groups.begin(), groups.end(), [&](const Group& g) { return g.op == f.op; });
    if (it == groups.end()) it = groups.insert(groups.end(), Group{f.op, {}});
    it->nodes.push_back(f.node);
  }
  std::string list;
  for (const Group& g : groups) {
    list += (list.empty() ? "" : "; ") + g.op + " (" + std::to_string(g.nodes.size()) + "): ";
    for (std::size_t i = 0; i < std::min<std::size_t>(3, g.nodes.size()); ++i) list += (i ? ", '" : "'") + g.nodes[i] + "'";
    if (g.nodes.size() > 3) list += ", ...";
  }
  return {.code = "E301",
          .who = file,
          .what = (groups.size() == 1 ? "operator " + groups[0].op + " is" : std::to_string(groups.size()) + " operators are") +
                  " not supported",
          .got = std::to_string(found_.size()) + " such nodes out of " + std::to_string(nodes_in_model) + ": " + list,
          .expected = {},
          .remedy = "cut the model before '" + found_[0].node + "', or `xpuq-compile --help operators`",
          .node = found_[0].node};
}

Result<Shape> resolve_input_shape(const std::string& file, const std::string& input, const Shape& dims,
                                  const std::vector<std::string>& symbols, const std::vector<std::string>& ranges,
                                  const ImportOptions& options, std::size_t input_count) {
  const Shape* wanted = nullptr;
  if (const auto it = options.shapes.find(input); it != options.shapes.end()) wanted = &it->second;
  else if (const auto any = options.shapes.find(""); any != options.shapes.end() && input_count == 1) wanted = &any->second;

  const auto usage = [&](std::string what, std::string got, std::string expected, std::string remedy) {
    return Error{.code = "E205", .who = file, .what = "input '" + input + "' " + std::move(what), .got = std::move(got),
                 .expected = std::move(expected), .remedy = std::move(remedy), .node = {}};
  };
  Shape declared = dims;
  std::string text;
  for (std::size_t i = 0; i < dims.size(); ++i)
    text += (i ? "x" : "") + (dims[i] < 0 ? (symbols[i].empty() ? std::string("?") : symbols[i]) : std::to_string(dims[i]));

  if (wanted) {
    bool fits = wanted->size() == dims.size();
    for (std::size_t i = 0; fits && i < dims.size(); ++i) fits = dims[i] < 0 || dims[i] == (*wanted)[i];
    if (!fits)
      return usage("does not fit --shape", to_string(*wanted), text, "--shape " + input + ":DIMS with the fixed dimensions kept");
    return *wanted;
  }
  Shape out = dims;
  std::string missing;
  std::string example;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] < 0 && i == 0 && options.batch) out[i] = *options.batch;
    if (out[i] < 0) {
      missing += (missing.empty() ? "" : ", ") + (symbols[i].empty() ? "dimension " + std::to_string(i) : "'" + symbols[i] + "'");
      if (!ranges[i].empty()) missing += " (" + ranges[i] + ")";
    }
    example += (i ? "x" : "") + (out[i] < 0 ? std::string(i == 0 ? "1" : "N") : std::to_string(out[i]));
  }
  if (!missing.empty())
    return usage("has symbolic dimensions", text, "a value for " + missing, "--shape " + input + ":" + example);
  if (options.batch && !out.empty() && out[0] != *options.batch && dims[0] >= 0)
    return usage("has a fixed first dimension, --batch cannot change it", text, "--batch " + std::to_string(dims[0]),
                 "export the model with a dynamic batch");
  if (!checked_element_count(out)) return usage("has a shape that is too large", to_string(out), "fewer than 2^62 elements", "");
  return out;
}

}  // namespace xpuq
