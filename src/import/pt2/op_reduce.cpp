// Reductions and softmax.
#include <limits>

#include "import/pt2/operators.h"

namespace xpuq::pt2::import_op {
namespace {

Result<bool> keeps(Call& c) {
  if (!c.has("keepdim")) return false;
  return c.flag("keepdim");
}

/// Nothing to do for tensors without axes.
Result<ValueId> reduced(Call& c, OpKind kind, ValueId v, const Ints& axes, bool keep) {
  if (axes.empty()) return v;
  return c.emit(kind, {v}, {{"axes", axes}, {"keepdims", std::int64_t{keep}}});
}

Result<ValueId> float_self(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  return c.as_float(v);
}

std::int64_t elements_of(const Shape& shape, const Ints& axes) {
  std::int64_t n = 1;
  for (std::int64_t a : axes) n *= shape[static_cast<std::size_t>(a)];
  return n;
}

}  // namespace

/// The exporter turns AdaptiveAvgPool2d(1) into a mean over axes written [-1, -2]; that one is a pool again.
Result<void> mean(Call& c) {
  if (c.has("dtype")) { XPUQ_ASSIGN([[maybe_unused]] const DataType type, c.element_type("dtype", DataType::f32)); }
  XPUQ_ASSIGN(const ValueId v, float_self(c));
  XPUQ_ASSIGN(const bool keep, keeps(c));
  XPUQ_ASSIGN(const Ints axes, c.has("dim") ? c.axes("dim", c.rank(v)) : c.axes("", c.rank(v)));
  if (keep && c.rank(v) == 4 && c.given("dim")) {
    XPUQ_ASSIGN(const Ints written, c.integers("dim"));
    if (written == Ints{-1, -2}) return c.emit_result(OpKind::adaptive_avg_pool, {v}, {{"output_size", Ints{1, 1}}});
  }
  return c.result(reduced(c.last(), OpKind::reduce_mean, v, axes, keep));
}

/// sum, amax, amin over some or all axes. Sums of integers are s64.
Result<void> reduce(Call& c) {
  XPUQ_ASSIGN(ValueId v, c.tensor("self"));
  if (c.kind() == OpKind::reduce_sum || c.kind() == OpKind::reduce_prod) {
    const DataType natural = c.dtype(v) == DataType::f32 ? DataType::f32 : DataType::s64;
    XPUQ_ASSIGN(const DataType type, c.has("dtype") ? c.element_type("dtype", natural) : Result<DataType>(natural));
    XPUQ_ASSIGN(v, c.cast(v, type));
  }
  XPUQ_ASSIGN(const bool keep, keeps(c));
  XPUQ_ASSIGN(const Ints axes, c.axes("dim", c.rank(v)));
  return c.result(reduced(c.last(), c.kind(), v, axes, keep));
}

/// any and all: the largest and smallest of 0 and 1.
Result<void> any_or_all(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const ValueId truth, c.cast(v, DataType::boolean));
  XPUQ_ASSIGN(const ValueId number, c.cast(truth, DataType::s32));
  XPUQ_ASSIGN(const bool keep, keeps(c));
  XPUQ_ASSIGN(const Ints axes, c.axes("dim", c.rank(v)));
  XPUQ_ASSIGN(const ValueId out, reduced(c, c.kind(), number, axes, keep));
  return c.result(c.last().cast(out, DataType::boolean));
}

/// max.dim and min.dim: values and, when someone reads them, indices.
Result<void> reduce_dim(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const bool keep, keeps(c));
  XPUQ_ASSIGN(const std::int64_t dim, c.integer("dim"));
  if (c.rank(v) == 0) return c.result(v);
  XPUQ_ASSIGN(const std::size_t axis, c.axis_of(dim, c.rank(v)));
  const auto at = static_cast<std::int64_t>(axis);
  XPUQ_TRY(c.result(reduced(c.last(), c.kind(), v, {at}, keep)));
  if (!c.result_is_read(1)) return {};
  ValueId source = v;
  if (c.kind() == OpKind::reduce_min) { XPUQ_ASSIGN(source, c.emit(OpKind::neg, {v})); }
  return c.result(c.last(1).emit(OpKind::argmax, {source}, {{"axis", at}, {"keepdims", std::int64_t{keep}}}), 1);
}

Result<void> argmax(Call& c) {
  XPUQ_ASSIGN(ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const bool keep, keeps(c));
  if (c.has("negated")) { XPUQ_ASSIGN(v, c.emit(OpKind::neg, {v})); }
  std::size_t axis = 0;
  const std::size_t rank = c.rank(v);
  if (c.given("dim") && rank > 0) {
    XPUQ_ASSIGN(axis, c.axis("dim", rank));
  } else {
    XPUQ_ASSIGN(v, c.reshape(v, {element_count(c.shape(v))}));
  }
  const bool whole = !c.given("dim") || rank == 0;
  XPUQ_ASSIGN(ValueId out,
              (keep && whole ? c : c.last()).emit(OpKind::argmax, {v},
                     {{"axis", static_cast<std::int64_t>(axis)}, {"keepdims", std::int64_t{keep && !whole}}}));
  if (keep && whole) { XPUQ_ASSIGN(out, c.last().reshape(out, Shape(rank, 1))); }
  return c.result(out);
}

/// var and std: sum((x - mean)^2) / (n - correction).
Result<void> variance(Call& c) {
  XPUQ_ASSIGN(const ValueId v, float_self(c));
  XPUQ_ASSIGN(const bool keep, keeps(c));
  XPUQ_ASSIGN(const Ints axes, c.axes("dim", c.rank(v)));
  double correction = 1;
  if (c.has("correction") && c.given("correction")) {
    XPUQ_ASSIGN(correction, c.real("correction"));
  } else if (c.has("unbiased")) {
    XPUQ_ASSIGN(const bool unbiased, c.flag("unbiased"));
    correction = unbiased ? 1 : 0;
  }
  const double count = static_cast<double>(elements_of(c.shape(v), axes)) - correction;
  if (axes.empty() || !(count > 0)) return c.problem("has too few elements for a variance");
  XPUQ_ASSIGN(const ValueId average, reduced(c, OpKind::reduce_mean, v, axes, true));
  XPUQ_ASSIGN(const ValueId difference, c.emit(OpKind::sub, {v, average}));
  XPUQ_ASSIGN(const ValueId squares, c.emit(OpKind::mul, {difference, difference}));
  XPUQ_ASSIGN(const ValueId sum, reduced(c, OpKind::reduce_sum, squares, axes, keep));
  XPUQ_ASSIGN(const ValueId out,
              (c.kind() == OpKind::sqrt ? c : c.last()).emit(OpKind::div, {sum, c.scalar(count)}));
  return c.kind() == OpKind::sqrt ? c.emit_result(OpKind::sqrt, {out}) : c.result(out);
}

/// The 1-, 2- and maximum norms.
Result<void> vector_norm(Call& c) {
  XPUQ_ASSIGN(const ValueId v, float_self(c));
  XPUQ_ASSIGN(const bool keep, keeps(c));
  XPUQ_ASSIGN(const Ints axes, c.axes("dim", c.rank(v)));
  const char* name = c.has("ord") ? "ord" : "p";
  double order = 2;
  if (c.given(name)) { XPUQ_ASSIGN(order, c.real(name)); }
  if (order == 2) {
    XPUQ_ASSIGN(const ValueId squares, c.emit(OpKind::mul, {v, v}));
    XPUQ_ASSIGN(const ValueId sum, reduced(c, OpKind::reduce_sum, squares, axes, keep));
    return c.emit_result(OpKind::sqrt, {sum});
  }
  XPUQ_ASSIGN(const ValueId magnitude, c.emit(OpKind::abs, {v}));
  if (order == 1) return c.result(reduced(c.last(), OpKind::reduce_sum, magnitude, axes, keep));
  if (order == std::numeric_limits<double>::infinity())
    return c.result(reduced(c.last(), OpKind::reduce_max, magnitude, axes, keep));
  return c.unsupported("has order " + std::to_string(order));
}

Result<void> softmax(Call& c) {
  if (c.has("dtype")) { XPUQ_ASSIGN([[maybe_unused]] const DataType type, c.element_type("dtype", DataType::f32)); }
  XPUQ_ASSIGN(const ValueId v, float_self(c));
  XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(v)));
  return c.emit_result(c.kind(), {v}, {{"axis", static_cast<std::int64_t>(axis)}});
}

/// Softmax that is zero where all inputs are -inf.
Result<void> safe_softmax(Call& c) {
  XPUQ_ASSIGN(const ValueId v, float_self(c));
  XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(v)));
  const auto at = static_cast<std::int64_t>(axis);
  XPUQ_ASSIGN(const ValueId plain, c.emit(OpKind::softmax, {v}, {{"axis", at}}));
  XPUQ_ASSIGN(const ValueId largest, reduced(c, OpKind::reduce_max, v, {at}, true));
  XPUQ_ASSIGN(const ValueId masked,
              c.emit(OpKind::equal, {largest, c.scalar(-std::numeric_limits<double>::infinity())}));
  return c.emit_result(OpKind::where, {masked, c.scalar(0), plain});
}

}  // namespace xpuq::pt2::import_op
