// Operators that look elements up by index, and padding.
#include <algorithm>

#include "import/pt2/operators.h"

namespace xpuq::pt2::import_op {
namespace {

Result<ValueId> gathered(Call& c, ValueId v, ValueId indices, std::size_t axis) {
  const DataType type = c.dtype(indices);
  if (type != DataType::s64 && type != DataType::s32) { XPUQ_ASSIGN(indices, c.cast(indices, DataType::s64)); }
  return c.last().emit(OpKind::gather, {v, indices}, {{"axis", static_cast<std::int64_t>(axis)}});
}

/// The places where a constant mask of rank 1 is set.
std::optional<Tensor> places(Call& c, ValueId mask) {
  const Tensor* t = c.builder.constant_of(mask);
  if (!t || t->shape().size() != 1) return std::nullopt;
  Ints out;
  for (std::int64_t i = 0; i < t->elements(); ++i)
    if (t->data<std::uint8_t>()[i]) out.push_back(i);
  return Tensor::vector_s64(out);
}

/// The amounts of aten.pad, last axis first, per axis; negative ones take elements away.
Result<void> padded(Call& c, ValueId v, const Ints& amounts, const std::string& mode, double value) {
  const std::size_t rank = c.rank(v);
  if (amounts.size() % 2 != 0 || amounts.size() / 2 > rank)
    return c.problem("has " + std::to_string(amounts.size()) + " amounts for rank " + std::to_string(rank));
  constexpr std::int64_t kMost = std::int64_t{1} << 40;
  Ints begin(rank, 0), end(rank, 0), starts(rank, 0), sizes = c.shape(v);
  bool grows = false;
  for (std::size_t i = 0; i < amounts.size() / 2; ++i) {
    const std::size_t axis = rank - 1 - i;
    const std::int64_t low = amounts[2 * i], high = amounts[2 * i + 1];
    if (low < -kMost || high < -kMost) return c.problem("pads by " + to_string(amounts));
    starts[axis] = -std::min<std::int64_t>(low, 0);
    sizes[axis] += std::min<std::int64_t>(low, 0) + std::min<std::int64_t>(high, 0);
    begin[axis] = std::max<std::int64_t>(low, 0);
    end[axis] = std::max<std::int64_t>(high, 0);
    grows = grows || low > 0 || high > 0;
  }
  if (sizes != c.shape(v)) {
    XPUQ_ASSIGN(v, (grows ? c : c.last())
                       .emit(OpKind::slice, {v}, {{"starts", starts}, {"sizes", sizes}, {"steps", Ints(rank, 1)}}));
  }
  if (!grows) return c.result(v);
  return c.emit_result(OpKind::pad, {v}, {{"begin", begin}, {"end", end}, {"mode", mode}, {"value", as_f32(value)}});
}

}  // namespace

Result<void> embedding(Call& c) {
  XPUQ_ASSIGN(const ValueId weight, c.tensor("weight"));
  XPUQ_ASSIGN(const ValueId indices, c.tensor("indices"));
  return c.result(gathered(c, weight, indices, 0));
}

Result<void> index_select(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(ValueId indices, c.tensor("index"));
  XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(v)));
  if (c.rank(indices) == 0) { XPUQ_ASSIGN(indices, c.reshape(indices, {1})); }
  return c.result(gathered(c, v, indices, axis));
}

/// x[:, :, index]: one tensor of indices on one axis. More of them pair up, which no operation here does.
Result<void> index(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const auto list, c.optional_tensors("indices"));
  std::optional<std::size_t> axis;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!list[i]) continue;
    if (axis) return c.unsupported("has indices on more than one axis");
    axis = i;
  }
  if (!axis) return c.result(v);
  if (*axis >= c.rank(v))
    return c.problem("has an index on axis " + std::to_string(*axis) + " of rank " + std::to_string(c.rank(v)));
  ValueId indices = *list[*axis];
  if (c.dtype(indices) == DataType::boolean || c.dtype(indices) == DataType::u8) {
    const auto found = places(c, indices);
    if (!found) return c.unsupported("selects by a mask that is not a constant vector");
    indices = c.constant(*found);
  }
  return c.result(gathered(c, v, indices, *axis));
}

/// tril and triu: the elements on one side of a diagonal, zero elsewhere.
Result<void> triangle(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const std::int64_t diagonal, c.integer("diagonal"));
  const std::size_t rank = c.rank(v);
  if (rank < 2) return c.problem("input has rank " + std::to_string(rank) + ", expected at least 2");
  const Shape matrix{c.shape(v)[rank - 2], c.shape(v)[rank - 1]};
  const auto count = checked_element_count(matrix);
  if (!count || *count > (1 << 26)) return c.problem("matrix " + to_string(matrix) + " is too large");
  Tensor mask(DataType::boolean, matrix);
  for (std::int64_t i = 0; i < *count; ++i) {
    const std::int64_t distance = i % matrix[1] - i / matrix[1];
    mask.data<std::uint8_t>()[i] = c.has("upper") ? distance >= diagonal : distance <= diagonal;
  }
  return c.emit_result(OpKind::where, {c.constant(std::move(mask)), v, c.scalar(0, c.dtype(v))});
}

/// aten.pad, constant_pad_nd, reflection_pad* and replication_pad*.
Result<void> pad(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const Ints amounts, c.integers(c.has("padding") ? "padding" : "pad"));
  std::string mode = "constant";
  double value = 0;
  if (c.has("mode")) {
    XPUQ_ASSIGN(mode, c.text("mode"));
  } else if (c.has("padding")) {
    mode = c.node().target.starts_with("aten.reflection") ? "reflect" : "replicate";
  }
  if (c.has("value") && c.given("value")) { XPUQ_ASSIGN(value, c.real("value")); }
  if (mode == "replicate") mode = "edge";
  if (mode == "circular") return c.unsupported("pads in a circle");
  return padded(c, v, amounts, mode, value);
}

}  // namespace xpuq::pt2::import_op
