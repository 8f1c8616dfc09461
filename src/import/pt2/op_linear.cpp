// aten.linear, addmm, matmul, mm, bmm, baddbmm.
#include "import/pt2/operators.h"

namespace xpuq::pt2::import_op {
namespace {

bool is_one(const Term& t) {
  const auto* i = std::get_if<std::int64_t>(&t);
  const auto* d = std::get_if<double>(&t);
  return (i && *i == 1) || (d && *d == 1);
}

/// v * factor, nothing for the factor 1; constants are folded.
Result<ValueId> scaled(Call& c, ValueId v, const Term& factor) {
  if (is_one(factor)) return v;
  XPUQ_ASSIGN(const auto pair, promote(c, Term(v), factor));
  return c.emit(OpKind::mul, {pair.first, pair.second});
}

/// A constant [K,N] as the weight [N,K] of linear. One that is the transpose of a constant gives that one back.
Result<ValueId> as_weight(Call& c, ValueId v) {
  const ValueId original = c.session.transposed(v);
  if (original != ValueId::none) return original;
  XPUQ_ASSIGN(const ValueId t, c.transpose(v, {1, 0}));
  return t;
}

}  // namespace

Result<void> linear(Call& c) {
  XPUQ_ASSIGN(const ValueId input, c.tensor("input"));
  XPUQ_ASSIGN(const ValueId src, c.as_float(input));
  XPUQ_ASSIGN(const ValueId wei, c.tensor("weight"));
  if (c.rank(wei) != 2) return c.unsupported("has a weight of rank " + std::to_string(c.rank(wei)));
  std::vector<ValueId> inputs{src, wei};
  if (c.given("bias")) {
    XPUQ_ASSIGN(const ValueId bias, c.tensor("bias"));
    inputs.push_back(bias);
  }
  return c.emit_result(OpKind::linear, std::move(inputs));
}

Result<void> addmm(Call& c) {
  XPUQ_ASSIGN(const ValueId bias, c.tensor("self"));
  XPUQ_ASSIGN(const ValueId src, c.tensor("mat1"));
  XPUQ_ASSIGN(const ValueId wei, c.tensor("mat2"));
  XPUQ_ASSIGN(const Term beta, c.term("beta"));
  XPUQ_ASSIGN(const Term alpha, c.term("alpha"));
  if (c.rank(src) != 2 || c.rank(wei) != 2)
    return c.problem("matrices have rank " + std::to_string(c.rank(src)) + " and " + std::to_string(c.rank(wei)));
  XPUQ_ASSIGN(const ValueId add, scaled(c, bias, beta));
  if (c.builder.constant_of(wei) && c.shape(add) == Shape{c.shape(wei)[1]}) {
    XPUQ_ASSIGN(const ValueId plain, as_weight(c, wei));
    XPUQ_ASSIGN(const ValueId weight, scaled(c, plain, alpha));
    return c.emit_result(OpKind::linear, {src, weight, add});
  }
  XPUQ_ASSIGN(const ValueId product, c.emit(OpKind::matmul, {src, wei}));
  XPUQ_ASSIGN(const ValueId times, scaled(c, product, alpha));
  return c.emit_result(OpKind::add, {times, add});
}

Result<void> matmul(Call& c) {
  XPUQ_ASSIGN(const ValueId x, c.tensor("self"));
  XPUQ_ASSIGN(const ValueId y, c.tensor(c.has("mat2") ? "mat2" : "other"));
  XPUQ_ASSIGN(const auto pair, promote(c, Term(x), Term(y), true));
  auto [a, b] = pair;
  const bool row = c.rank(a) == 1, column = c.rank(b) == 1;
  // A vector is a matrix with one row or column, which is dropped again.
  if (row) { XPUQ_ASSIGN(a, c.reshape(a, {1, c.shape(a)[0]})); }
  if (column) { XPUQ_ASSIGN(b, c.reshape(b, {c.shape(b)[0], 1})); }
  XPUQ_ASSIGN(ValueId out, (row || column ? c : c.last()).emit(OpKind::matmul, {a, b}));
  if (row || column) {
    Shape shape = c.shape(out);
    if (column) shape.pop_back();
    if (row) shape.erase(shape.end() - (column ? 1 : 2));
    XPUQ_ASSIGN(out, c.last().reshape(out, shape));
  }
  return c.result(out);
}

Result<void> baddbmm(Call& c) {
  XPUQ_ASSIGN(const ValueId bias, c.tensor("self"));
  XPUQ_ASSIGN(const ValueId a, c.tensor("batch1"));
  XPUQ_ASSIGN(const ValueId b, c.tensor("batch2"));
  XPUQ_ASSIGN(const Term beta, c.term("beta"));
  XPUQ_ASSIGN(const Term alpha, c.term("alpha"));
  XPUQ_ASSIGN(const ValueId product, c.emit(OpKind::matmul, {a, b}));
  XPUQ_ASSIGN(const ValueId times, scaled(c, product, alpha));
  XPUQ_ASSIGN(const ValueId add, scaled(c, bias, beta));
  return c.emit_result(OpKind::add, {times, add});
}

}  // namespace xpuq::pt2::import_op
