// One node on its way into the graph: what a translation sees of its inputs and attributes, and how it answers.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "import/onnx/session.h"

namespace xpuq::onnx_import {

/// What a node gives, one value per output; a missing or `none` entry is an output that is not offered (an error only
/// when somebody reads it).
using Outputs = std::vector<ValueId>;

class Call;
using Translation = Result<Outputs> (*)(Call&);

/// What is known of an ONNX operator before it is translated.
struct Operator {
  const char* name;
  int min_inputs;  ///< that many must be there and not be skipped with an empty name
  int max_inputs;
  /// "name:T" each; T as in ops.def, and t tensor, g graph, p sparse tensor; '!' marks one that must be there.
  const char* attributes;
  Translation translate;
  OpKind kind = OpKind::add;  ///< for translations that serve several operators
};

class Call {
 public:
  Call(Session& s, const Operator& o, const onnx::NodeProto& n, std::int64_t version, std::string node_name)
      : session(s), builder(s.builder), op(o), node(n), opset(version), origin(std::move(node_name)) {}

  Session& session;
  GraphBuilder& builder;
  const Operator& op;
  const onnx::NodeProto& node;
  const std::int64_t opset;
  const std::string origin;
  std::vector<ValueId> inputs;     ///< `none` for one that is skipped
  std::vector<std::string> names;  ///< of the outputs, as they shall be called in the graph
  std::function<Result<Outputs>(const onnx::GraphProto&)> inline_graph;  ///< translates a branch in place

  bool has(std::size_t i) const { return i < inputs.size() && inputs[i] != ValueId::none; }
  ValueId in(std::size_t i) const { return inputs[i]; }
  /// A copy: adding to the graph moves its values.
  Shape shape(std::size_t i) const { return builder.shape(inputs[i]); }
  std::int64_t rank(std::size_t i) const { return static_cast<std::int64_t>(builder.shape(inputs[i]).size()); }
  DataType dtype(std::size_t i) const { return builder.type(inputs[i]).dtype; }

  /// Number of inputs and outputs, attribute names and kinds.
  Result<void> check() const;

  // Attributes; `check` has looked at the kinds. A float is widened exactly.
  bool has_attribute(const char* name) const { return find(name) != nullptr; }
  std::int64_t int_or(const char* name, std::int64_t fallback) const;
  double float_or(const char* name, double fallback) const;
  std::string string_or(const char* name, const char* fallback) const;
  Ints ints(const char* name) const;      ///< empty when absent
  Floats floats(const char* name) const;  ///< empty when absent
  const onnx::AttributeProto* find(const char* name) const;
  /// 0 or 1, else an error.
  Result<bool> flag(const char* name, bool fallback) const;
  /// A list with `count` entries, each in least..2^30; `count` times `fallback` when absent.
  Result<Ints> list(const char* name, std::size_t count, std::int64_t fallback, std::int64_t least) const;

  /// The integers of a constant input, else an error that says that it must be constant.
  Result<Ints> constant_ints(std::size_t i, const char* what) const;
  Result<double> constant_number(std::size_t i, const char* what) const;
  /// From the attribute `name` (old opsets) or from input `i`; empty optional when neither is there.
  Result<std::optional<Ints>> ints_from(const char* name, std::size_t i) const;

  /// A possibly negative axis as one in 0..rank-1.
  Result<std::int64_t> axis(std::int64_t value, std::int64_t rank) const;
  /// Axes made non-negative, unique and sorted.
  Result<Ints> axes(const Ints& values, std::int64_t rank) const;

  /// An operation on the way to the result, named after it.
  Result<ValueId> step(OpKind kind, std::vector<ValueId> operands, Attributes attributes = {}) const;
  /// The operation that makes output `index`.
  Result<ValueId> emit(OpKind kind, std::vector<ValueId> operands, Attributes attributes = {},
                       std::size_t index = 0) const;
  /// The operation that makes the only output.
  Result<Outputs> result(OpKind kind, std::vector<ValueId> operands, Attributes attributes = {}) const;
  /// A rank-0 constant of the type of `like`; `value` must be exact in it.
  ValueId scalar(DataType dtype, double value) const;
  /// reshape as a step or, for the last one, as the result.
  Result<ValueId> reshaped(ValueId v, Shape shape) const {
    return step(OpKind::reshape, {v}, {{"shape", std::move(shape)}});
  }
  Result<ValueId> cast(ValueId v, DataType to) const;  ///< nothing when it has that type

  Error problem(std::string what, std::string got = {}, std::string expected = {}, std::string remedy = {}) const;
};

std::string text(const Ints& values);

}  // namespace xpuq::onnx_import
