// Operators that take parts of a tensor, or put parts together.
#include <algorithm>

#include "import/pt2/operators.h"

namespace xpuq::pt2::import_op {
namespace {

/// A start or end as Python takes it: negative counts from the end, everything else is clamped.
std::int64_t clamped(std::int64_t at, std::int64_t size) {
  if (at < 0) at = at < -size ? 0 : at + size;
  return std::min(at, size);
}

Result<void> parts(Call& c, ValueId v, std::size_t axis, const Ints& sizes) {
  std::int64_t start = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] < 0 || sizes[i] > c.shape(v)[axis] - start)
      return c.problem("splits an axis of size " + std::to_string(c.shape(v)[axis]) + " into " + to_string(sizes));
    if (i < c.result_count() && c.result_is_read(i)) {
      XPUQ_ASSIGN(const ValueId part, c.last(i).slice(v, axis, start, sizes[i]));
      XPUQ_TRY(c.result_view(part, "self", i));
    }
    start += sizes[i];
  }
  return {};
}

Result<void> equal_parts(Call& c, ValueId v, std::size_t axis, std::int64_t size) {
  const std::int64_t whole = c.shape(v)[axis];
  if (size < 1 || whole / size > 65536)
    return c.problem("splits an axis of size " + std::to_string(whole) + " into parts of " + std::to_string(size));
  Ints sizes;
  for (std::int64_t left = whole; left > 0; left -= size) sizes.push_back(std::min(size, left));
  if (sizes.empty()) sizes.push_back(0);
  return parts(c, v, axis, sizes);
}

Result<ValueId> without_axis(Call& c, ValueId v, std::size_t axis) {
  Shape shape = c.shape(v);
  shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
  return c.reshape(v, shape);
}

}  // namespace

Result<void> slice(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(v)));
  const std::int64_t size = c.shape(v)[axis];
  std::int64_t start = 0, end = size;
  if (c.given("start")) { XPUQ_ASSIGN(start, c.integer("start")); }
  if (c.given("end")) { XPUQ_ASSIGN(end, c.integer("end")); }
  XPUQ_ASSIGN(const std::int64_t step, c.integer("step"));
  if (step < 1) return c.problem("slices in steps of " + std::to_string(step));
  start = clamped(start, size);
  end = std::max(clamped(end, size), start);
  if (start == 0 && end == size && step == 1) return c.result_view(v, "self");
  const std::int64_t count = (end - start) / step + ((end - start) % step != 0 ? 1 : 0);
  XPUQ_ASSIGN(const ValueId out, c.last().slice(v, axis, count == 0 ? 0 : start, count, step));
  return c.result_view(out, "self");
}

Result<void> select(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(v)));
  XPUQ_ASSIGN(const std::int64_t index, c.integer("index"));
  XPUQ_ASSIGN(const std::size_t at, c.axis_of(index, static_cast<std::size_t>(c.shape(v)[axis])));
  XPUQ_ASSIGN(const ValueId part, c.slice(v, axis, static_cast<std::int64_t>(at), 1));
  XPUQ_ASSIGN(const ValueId out, without_axis(c.last(), part, axis));
  return c.result_view(out, "self");
}

Result<void> narrow(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(v)));
  XPUQ_ASSIGN(std::int64_t start, c.integer("start"));
  XPUQ_ASSIGN(const std::int64_t length, c.integer("length"));
  if (start < 0) start += c.shape(v)[axis];
  XPUQ_ASSIGN(const ValueId out, c.last().slice(v, axis, start, length));
  return c.result_view(out, "self");
}

Result<void> split(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(v)));
  XPUQ_ASSIGN(const std::int64_t size, c.integer("split_size"));
  return equal_parts(c, v, axis, size);
}

Result<void> split_with_sizes(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(v)));
  XPUQ_ASSIGN(const Ints sizes, c.integers(c.has("split_sizes") ? "split_sizes" : "split_size"));
  return parts(c, v, axis, sizes);
}

Result<void> chunk(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(v)));
  XPUQ_ASSIGN(const std::int64_t chunks, c.integer("chunks"));
  if (chunks < 1) return c.problem("makes " + std::to_string(chunks) + " chunks");
  const std::int64_t size = c.shape(v)[axis];
  return equal_parts(c, v, axis, std::max<std::int64_t>(1, size / chunks + (size % chunks != 0 ? 1 : 0)));
}

Result<void> unbind(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(v)));
  for (std::size_t i = 0; i < c.result_count(); ++i) {
    if (!c.result_is_read(i)) continue;
    XPUQ_ASSIGN(const ValueId part, c.slice(v, axis, static_cast<std::int64_t>(i), 1));
    XPUQ_ASSIGN(const ValueId out, without_axis(c.last(i), part, axis));
    XPUQ_TRY(c.result_view(out, "self", i));
  }
  return {};
}

Result<void> concat(Call& c) {
  XPUQ_ASSIGN(std::vector<ValueId> values, c.tensors("tensors"));
  // An empty vector may stand among tensors of any rank, for historical reasons.
  if (values.size() > 1) std::erase_if(values, [&](ValueId v) { return c.shape(v) == Shape{0}; });
  if (values.empty()) return c.problem("concatenates nothing");
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (c.dtype(values[i]) == c.dtype(values[0])) continue;
    XPUQ_ASSIGN(const auto pair, promote(c, Term(values[0]), Term(values[i])));
    for (ValueId& v : values) { XPUQ_ASSIGN(v, c.cast(v, c.dtype(pair.first))); }
  }
  XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(values[0])));
  return c.result(c.last().concat(std::move(values), axis));
}

Result<void> stack(Call& c) {
  XPUQ_ASSIGN(std::vector<ValueId> values, c.tensors("tensors"));
  if (values.empty()) return c.problem("stacks nothing");
  XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(values[0]) + 1));
  for (ValueId& v : values) {
    Shape shape = c.shape(v);
    if (axis > shape.size()) return c.problem("stacks tensors of different rank");
    shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), 1);
    XPUQ_ASSIGN(v, c.reshape(v, shape));
  }
  return c.result(c.last().concat(std::move(values), axis));
}

/// slice_scatter and select_scatter: a copy of the tensor with one part replaced; what x[1:3] = y is decomposed to.
Result<void> scatter(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(ValueId part, c.tensor("src"));
  XPUQ_ASSIGN(part, c.cast(part, c.dtype(v)));
  XPUQ_ASSIGN(const std::size_t axis, c.axis("dim", c.rank(v)));
  const std::int64_t size = c.shape(v)[axis];
  std::int64_t start = 0, end = size;
  if (c.has("index")) {
    XPUQ_ASSIGN(const std::int64_t index, c.integer("index"));
    XPUQ_ASSIGN(const std::size_t at, c.axis_of(index, static_cast<std::size_t>(size)));
    start = static_cast<std::int64_t>(at);
    end = start + 1;
  } else {
    if (c.given("start")) { XPUQ_ASSIGN(start, c.integer("start")); }
    if (c.given("end")) { XPUQ_ASSIGN(end, c.integer("end")); }
    XPUQ_ASSIGN(const std::int64_t step, c.integer("step"));
    if (step != 1) return c.unsupported("writes in steps of " + std::to_string(step));
    start = clamped(start, size);
    end = std::max(clamped(end, size), start);
  }
  Shape shape = c.shape(v);
  shape[axis] = end - start;
  const bool everything = start == 0 && end == size;
  XPUQ_ASSIGN(part, (everything ? c.last() : c).reshape(part, shape));
  std::vector<ValueId> pieces;
  if (start > 0) {
    XPUQ_ASSIGN(const ValueId head, c.slice(v, axis, 0, start));
    pieces.push_back(head);
  }
  pieces.push_back(part);
  if (end < size) {
    XPUQ_ASSIGN(const ValueId tail, c.slice(v, axis, end, size - end));
    pieces.push_back(tail);
  }
  return c.result(everything ? Result<ValueId>(part) : c.last().concat(std::move(pieces), axis));
}

/// Two slices in the other order per axis; without axes the flattened tensor is rolled.
Result<void> roll(Call& c) {
  XPUQ_ASSIGN(ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const Ints shifts, c.integers("shifts"));
  XPUQ_ASSIGN(Ints dims, c.integers("dims"));
  const Shape shape = c.shape(v);
  const bool flat = dims.empty();
  if (flat) {
    dims = {0};
    XPUQ_ASSIGN(v, c.reshape(v, {element_count(shape)}));
  }
  if (shifts.size() != dims.size())
    return c.problem("has " + std::to_string(shifts.size()) + " shifts for " + std::to_string(dims.size()) + " axes");
  std::vector<std::pair<std::size_t, std::int64_t>> moves;  // axis, elements that go from the end to the front
  for (std::size_t i = 0; i < dims.size(); ++i) {
    XPUQ_ASSIGN(const std::size_t axis, c.axis_of(dims[i], c.rank(v)));
    const std::int64_t size = c.shape(v)[axis];
    const std::int64_t shift = size == 0 ? 0 : (shifts[i] % size + size) % size;
    if (shift != 0) moves.emplace_back(axis, shift);
  }
  for (std::size_t i = 0; i < moves.size(); ++i) {
    const auto [axis, shift] = moves[i];
    const std::int64_t size = c.shape(v)[axis];
    XPUQ_ASSIGN(const ValueId tail, c.slice(v, axis, size - shift, shift));
    XPUQ_ASSIGN(const ValueId head, c.slice(v, axis, 0, size - shift));
    XPUQ_ASSIGN(v, (!flat && i + 1 == moves.size() ? c.last() : c).concat({tail, head}, axis));
  }
  return c.result(flat ? c.last().reshape(v, shape) : Result<ValueId>(v));
}

Result<void> flip(Call& c) {
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  XPUQ_ASSIGN(const Ints dims, c.integers("dims"));
  Ints starts(c.rank(v), 0), steps(c.rank(v), 1);
  for (std::int64_t dim : dims) {
    XPUQ_ASSIGN(const std::size_t axis, c.axis_of(dim, c.rank(v)));
    if (c.shape(v)[axis] < 2) continue;
    starts[axis] = c.shape(v)[axis] - 1;
    steps[axis] = -1;
  }
  return c.emit_result(OpKind::slice, {v}, {{"starts", starts}, {"sizes", c.shape(v)}, {"steps", steps}});
}

}  // namespace xpuq::pt2::import_op
