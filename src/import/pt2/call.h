// One node of the program as its operator sees it: arguments by schema name (defaults filled in), ways to emit
// operations on its behalf, and to bind its results. Every question about an argument can fail, because the file may
// hold anything; such errors are E302 and name the node.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "import/pt2/session.h"

namespace xpuq::pt2 {

struct Operator;

/// A tensor or a plain number, as `add.Tensor` takes it.
using Term = std::variant<ValueId, std::int64_t, double, bool>;

class Call {
 public:
  Call(Session& s, const ProgramNode& node, const std::string& origin, const Operator& op)
      : session(s), builder(s.builder()), node_(node), origin_(origin), op_(op) {}

  Session& session;
  GraphBuilder& builder;

  // Arguments.
  bool given(std::string_view name) const;  ///< neither absent (with default none) nor None
  bool has(std::string_view name) const;    ///< the operator has such an argument
  Result<ValueId> tensor(std::string_view name);
  Result<std::vector<ValueId>> tensors(std::string_view name);
  Result<std::vector<std::optional<ValueId>>> optional_tensors(std::string_view name);
  Result<Term> term(std::string_view name);
  Result<std::int64_t> integer(std::string_view name);
  Result<Ints> integers(std::string_view name);
  /// A list for `count` spatial axes: one entry stands for all.
  Result<Ints> spatial(std::string_view name, std::size_t count);
  Result<double> real(std::string_view name);
  Result<Floats> reals(std::string_view name);
  Result<bool> flag(std::string_view name);
  Result<std::string> text(std::string_view name);
  /// An element type; `fallback` when none is given. f64 is E305; f16 and bf16 become f32 with a note.
  Result<DataType> element_type(std::string_view name, DataType fallback);
  /// An axis argument made non-negative for `rank` axes.
  Result<std::size_t> axis(std::string_view name, std::size_t rank);
  Result<std::size_t> axis_of(std::int64_t axis, std::size_t rank) const;
  /// Axes made non-negative, sorted and unique; no or an empty list means all.
  Result<Ints> axes(std::string_view name, std::size_t rank);

  const Shape& shape(ValueId v) const { return builder.shape(v); }
  std::size_t rank(ValueId v) const { return shape(v).size(); }
  DataType dtype(ValueId v) const { return builder.type(v).dtype; }
  OpKind kind() const;

  // Emission. The values of a node that needs several operations are named "node/operation", all but the last.
  /// The next emission makes result `i` of the node and takes its name.
  Call& last(std::size_t i = 0) {
    last_ = i;
    return *this;
  }
  ValueId scalar(double value, DataType type = DataType::f32);
  ValueId constant(Tensor tensor) { return builder.constant(node_.name, std::move(tensor)); }
  Result<ValueId> emit(OpKind kind, std::vector<ValueId> inputs, Attributes attributes = {});
  Result<ValueId> reshape(ValueId v, Shape shape);
  Result<ValueId> transpose(ValueId v, Ints perm);
  Result<ValueId> cast(ValueId v, DataType type);  ///< nothing when it has the type
  Result<ValueId> slice(ValueId v, std::size_t axis, std::int64_t start, std::int64_t size, std::int64_t step = 1);
  Result<ValueId> concat(std::vector<ValueId> values, std::size_t axis);
  /// The only element type of an operation on float data: integers become f32.
  Result<ValueId> as_float(ValueId v);

  // Results.
  std::size_t result_count() const { return node_.outputs.size(); }
  bool result_is_read(std::size_t i) const;
  Result<void> result(ValueId v, std::size_t i = 0);  ///< has its own memory
  /// Shares the memory of argument `parent`; not `certain` when PyTorch may have made a copy.
  Result<void> result_view(ValueId v, std::string_view parent, std::size_t i = 0, bool certain = true);
  Result<void> result(Result<ValueId> v, std::size_t i = 0);
  Result<void> emit_result(OpKind kind, std::vector<ValueId> inputs, Attributes attributes = {});

  Error problem(std::string what) const { return builder.problem(origin_, std::move(what)); }
  Error unsupported(std::string what) const;
  const ProgramNode& node() const { return node_; }
  const std::string& origin() const { return origin_; }

 private:
  /// The argument, or the text of its default; neither when the schema has a required argument that is absent.
  struct Argument {
    std::string tag;
    const Json* value = nullptr;
    std::string_view fallback;
  };
  Result<Argument> argument(std::string_view name) const;
  std::optional<std::string_view> fallback(std::string_view name) const;
  Error bad(std::string_view name, std::string_view expected, const Argument& a) const;
  std::optional<double> number_of(const std::string& tag, const Json* value) const;

  const ProgramNode& node_;
  const std::string& origin_;
  const Operator& op_;
  std::optional<std::size_t> last_;
};

/// Rounded to f32, in which every attribute and scalar of the graph is written.
inline double as_f32(double v) { return static_cast<double>(static_cast<float>(v)); }

/// The two terms as tensors of one type, as PyTorch promotes them. See promote.cpp.
Result<std::pair<ValueId, ValueId>> promote(Call& c, const Term& a, const Term& b, bool to_float = false);

}  // namespace xpuq::pt2
