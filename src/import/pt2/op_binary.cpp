// Pointwise operators of two terms, comparisons and selections.
#include "import/pt2/operators.h"

namespace xpuq::pt2::import_op {
namespace {

Result<Term> times(Call& c, const Term& t, const Term& factor) {
  const auto* i = std::get_if<std::int64_t>(&factor);
  const auto* d = std::get_if<double>(&factor);
  if ((i && *i == 1) || (d && *d == 1)) return t;
  XPUQ_ASSIGN(const auto pair, promote(c, t, factor));
  XPUQ_ASSIGN(const ValueId v, c.emit(OpKind::mul, {pair.first, pair.second}));
  return Term(v);
}

Result<std::pair<ValueId, ValueId>> operands(Call& c, bool to_float = false) {
  XPUQ_ASSIGN(const Term a, c.term("self"));
  XPUQ_ASSIGN(const Term b, c.term(c.has("exponent") ? "exponent" : "other"));
  return promote(c, a, b, to_float);
}

/// a - floor(a / b) * b, whose sign is that of b.
Result<ValueId> floor_divided(Call& c, ValueId a, ValueId b, bool last) {
  if (c.dtype(a) == DataType::f32) {
    XPUQ_ASSIGN(const ValueId q, c.emit(OpKind::div, {a, b}));
    return (last ? c.last() : c).emit(OpKind::floor, {q});
  }
  XPUQ_ASSIGN(const ValueId rest, c.emit(OpKind::mod, {a, b}));
  XPUQ_ASSIGN(const ValueId whole, c.emit(OpKind::sub, {a, rest}));
  return (last ? c.last() : c).emit(OpKind::div, {whole, b});
}

}  // namespace

/// add and sub with their factor alpha.
Result<void> add(Call& c) {
  XPUQ_ASSIGN(const Term a, c.term("self"));
  XPUQ_ASSIGN(const Term other, c.term("other"));
  XPUQ_ASSIGN(const Term alpha, c.term("alpha"));
  XPUQ_ASSIGN(const Term b, times(c, other, alpha));
  XPUQ_ASSIGN(const auto pair, promote(c, a, b));
  if (c.dtype(pair.first) == DataType::boolean && c.kind() == OpKind::add)
    return c.emit_result(OpKind::logical_or, {pair.first, pair.second});
  return c.emit_result(c.kind(), {pair.first, pair.second});
}

Result<void> rsub(Call& c) {
  XPUQ_ASSIGN(const Term self, c.term("self"));
  XPUQ_ASSIGN(const Term other, c.term("other"));
  XPUQ_ASSIGN(const Term alpha, c.term("alpha"));
  XPUQ_ASSIGN(const Term b, times(c, self, alpha));
  XPUQ_ASSIGN(const auto pair, promote(c, other, b));
  return c.emit_result(OpKind::sub, {pair.first, pair.second});
}

Result<void> arithmetic(Call& c) {
  XPUQ_ASSIGN(const auto pair, operands(c));
  if (c.dtype(pair.first) == DataType::boolean && c.kind() == OpKind::mul)
    return c.emit_result(OpKind::logical_and, {pair.first, pair.second});
  return c.emit_result(c.kind(), {pair.first, pair.second});
}

Result<void> divide(Call& c) {
  std::string mode = c.has("floors") ? "floor" : "none";
  if (c.has("rounding_mode") && c.given("rounding_mode")) { XPUQ_ASSIGN(mode, c.text("rounding_mode")); }
  XPUQ_ASSIGN(const auto pair, operands(c, mode == "none"));
  if (mode == "none") return c.emit_result(OpKind::div, {pair.first, pair.second});
  if (mode == "floor") return c.result(floor_divided(c, pair.first, pair.second, true));
  if (c.dtype(pair.first) != DataType::f32) return c.emit_result(OpKind::div, {pair.first, pair.second});
  return c.unsupported("truncates quotients of floats");
}

Result<void> power(Call& c) {
  XPUQ_ASSIGN(const auto pair, operands(c));
  return c.emit_result(OpKind::pow, {pair.first, pair.second});
}

Result<void> extremum(Call& c) { return arithmetic(c); }

Result<void> remainder(Call& c) {
  XPUQ_ASSIGN(const auto pair, operands(c));
  if (c.dtype(pair.first) != DataType::f32) return c.emit_result(OpKind::mod, {pair.first, pair.second});
  XPUQ_ASSIGN(const ValueId q, floor_divided(c, pair.first, pair.second, false));
  XPUQ_ASSIGN(const ValueId whole, c.emit(OpKind::mul, {q, pair.second}));
  return c.emit_result(OpKind::sub, {pair.first, whole});
}

/// The remainder with the sign of the dividend.
Result<void> fmod(Call& c) {
  XPUQ_ASSIGN(const auto pair, operands(c));
  return c.emit_result(OpKind::fmod, {pair.first, pair.second});
}

Result<void> compare(Call& c) {
  XPUQ_ASSIGN(const auto pair, operands(c));
  return c.emit_result(c.kind(), {pair.first, pair.second});
}

Result<void> not_equal(Call& c) {
  XPUQ_ASSIGN(const auto pair, operands(c));
  XPUQ_ASSIGN(const ValueId same, c.emit(OpKind::equal, {pair.first, pair.second}));
  return c.emit_result(OpKind::logical_not, {same});
}

/// logical_* take any type; bitwise_* ("bits") are the same only for truth values.
Result<void> logical(Call& c) {
  XPUQ_ASSIGN(const auto pair, operands(c));
  if (c.has("bits") && c.dtype(pair.first) != DataType::boolean) return c.unsupported("works on the bits of integers");
  XPUQ_ASSIGN(const ValueId a, c.cast(pair.first, DataType::boolean));
  XPUQ_ASSIGN(const ValueId b, c.cast(pair.second, DataType::boolean));
  if (c.kind() != OpKind::equal) return c.emit_result(c.kind(), {a, b});
  XPUQ_ASSIGN(const ValueId same, c.emit(OpKind::equal, {a, b}));  // exclusive or
  return c.emit_result(OpKind::logical_not, {same});
}

Result<void> where(Call& c) {
  XPUQ_ASSIGN(const ValueId mask, c.tensor("condition"));
  XPUQ_ASSIGN(const ValueId condition, c.cast(mask, DataType::boolean));
  XPUQ_ASSIGN(const auto pair, operands(c));
  return c.emit_result(OpKind::where, {condition, pair.first, pair.second});
}

Result<void> masked_fill(Call& c) {
  XPUQ_ASSIGN(const ValueId self, c.tensor("self"));
  XPUQ_ASSIGN(const ValueId mask, c.tensor("mask"));
  XPUQ_ASSIGN(const Term term, c.term("value"));
  XPUQ_ASSIGN(const ValueId condition, c.cast(mask, DataType::boolean));
  const DataType type = c.dtype(self);
  ValueId value = ValueId::none;
  if (const auto* v = std::get_if<ValueId>(&term)) {
    XPUQ_ASSIGN(value, c.cast(*v, type));
  } else {
    XPUQ_ASSIGN(const double number, c.real("value"));
    value = c.scalar(number, type);
  }
  return c.emit_result(OpKind::where, {condition, value, self});
}

}  // namespace xpuq::pt2::import_op
