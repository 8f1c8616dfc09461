// Operators that mark or pick elements by their place: OneHot, Hardmax, EyeLike, and those whose result has a known
// shape only when what they look at is constant: Compress, NonZero.
#include <algorithm>
#include <numeric>

#include "import/onnx/operators.h"
#include "import/onnx/types.h"

namespace xpuq::onnx_import {
namespace {

constexpr std::int64_t kLargestConstant = std::int64_t{1} << 26;

/// 0, 1, 2, ... along `axis`, to be compared with places.
ValueId places(const Call& c, std::int64_t count, std::int64_t axis, std::size_t rank) {
  Ints values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), std::int64_t{0});
  Shape shape(rank, 1);
  shape[static_cast<std::size_t>(axis)] = count;
  return c.builder.constant(c.names[0] + "/places", Tensor::vector_s64(values).reshaped(shape));
}

/// 1 at the first largest element along `axis`, else 0.
Result<ValueId> mark_largest(const Call& c, ValueId v, std::int64_t axis, bool whole) {
  const Shape shape = c.builder.shape(v);
  const DataType dtype = c.builder.type(v).dtype;
  XPUQ_ASSIGN(const ValueId best, c.step(OpKind::argmax, {v}, {{"axis", axis}, {"keepdims", 1}}));
  const ValueId all = places(c, shape[static_cast<std::size_t>(axis)], axis, shape.size());
  XPUQ_ASSIGN(const ValueId same, c.step(OpKind::equal, {best, all}));
  const Attributes to{{"to", std::string(to_string(dtype))}};
  return whole ? c.emit(OpKind::cast, {same}, to) : c.step(OpKind::cast, {same}, to);
}

}  // namespace

// Before opset 13 the input counts as a matrix split at `axis`, as for Softmax.
Result<Outputs> hardmax(Call& c) {
  const bool flattens = c.opset < 13;
  XPUQ_ASSIGN(const std::int64_t axis, c.axis(c.int_or("axis", flattens ? 1 : -1), c.rank(0)));
  const Shape shape = c.shape(0);
  if (!flattens) {
    XPUQ_ASSIGN(const ValueId out, mark_largest(c, c.in(0), axis, true));
    return Outputs{out};
  }
  const auto rows = checked_element_count(Shape(shape.begin(), shape.begin() + axis));
  const auto columns = checked_element_count(Shape(shape.begin() + axis, shape.end()));
  if (!rows || !columns) return c.problem("the input is too large", to_string(shape));
  XPUQ_ASSIGN(const ValueId matrix, c.reshaped(c.in(0), {*rows, *columns}));
  XPUQ_ASSIGN(const ValueId marked, mark_largest(c, matrix, 1, false));
  return c.result(OpKind::reshape, {marked}, {{"shape", shape}});
}

// Input 2 is [off, on]. Negative places count from the end; those outside mark nothing.
Result<Outputs> one_hot(Call& c) {
  XPUQ_ASSIGN(const double given, c.constant_number(1, "the depth"));
  if (!(given >= 0 && given <= static_cast<double>(kLargestConstant)))
    return c.problem("the depth is out of range", std::to_string(given), "0..2^26");
  const auto depth = static_cast<std::int64_t>(given);
  if (c.shape(2) != Shape{2}) return c.problem("the values have the wrong shape", to_string(c.shape(2)), "[off, on]");
  XPUQ_ASSIGN(const std::int64_t axis, c.axis(c.int_or("axis", -1), c.rank(0) + 1));
  Shape apart = c.shape(0);
  apart.insert(apart.begin() + axis, 1);
  XPUQ_ASSIGN(const ValueId whole, c.cast(c.in(0), DataType::s64));
  XPUQ_ASSIGN(const ValueId at, c.reshaped(whole, apart));
  XPUQ_ASSIGN(const ValueId negative, c.step(OpKind::less, {at, c.scalar(DataType::s64, 0)}));
  XPUQ_ASSIGN(const ValueId turned, c.step(OpKind::add, {at, c.scalar(DataType::s64, given)}));
  XPUQ_ASSIGN(const ValueId place, c.step(OpKind::where, {negative, turned, at}));
  XPUQ_ASSIGN(const ValueId hit, c.step(OpKind::equal, {place, places(c, depth, axis, apart.size())}));
  ValueId value[2];
  for (std::int64_t i : {0, 1}) {
    XPUQ_ASSIGN(const ValueId one,
                c.step(OpKind::slice, {c.in(2)}, {{"starts", Ints{i}}, {"sizes", Ints{1}}, {"steps", Ints{1}}}));
    XPUQ_ASSIGN(value[i], c.reshaped(one, {}));
  }
  return c.result(OpKind::where, {hit, value[1], value[0]});
}

Result<Outputs> eye_like(Call& c) {
  const Shape shape = c.shape(0);
  if (shape.size() != 2) return c.problem("input 0 has the wrong rank", to_string(shape), "2 axes");
  if (checked_element_count(shape).value_or(INT64_MAX) > kLargestConstant)
    return c.problem("the matrix is too large", to_string(shape), "2^26 elements");
  DataType type = c.dtype(0);
  if (c.has_attribute("dtype")) {
    const std::int64_t to = c.int_or("dtype", 0);
    const auto wanted = to >= 0 && to < 1000 ? data_type(static_cast<std::int32_t>(to)) : std::nullopt;
    if (!wanted)
      return c.problem("element type is not supported", std::to_string(to), "FLOAT, INT8 to INT64, UINT8 or BOOL");
    type = *wanted;
  }
  const std::int64_t k = std::clamp(c.int_or("k", 0), -shape[0] - 1, shape[1] + 1);
  Tensor ones(DataType::boolean, shape);
  for (std::int64_t r = 0; r < shape[0]; ++r)
    for (std::int64_t i = 0; i < shape[1]; ++i) ones.data<std::uint8_t>()[r * shape[1] + i] = i == r + k;
  const ValueId mask = c.builder.constant(c.names[0], std::move(ones));
  return c.result(OpKind::cast, {mask}, {{"to", std::string(to_string(type))}});
}

Result<Outputs> compress(Call& c) {
  XPUQ_ASSIGN(const Ints condition, c.constant_ints(1, "the condition"));
  ValueId v = c.in(0);
  std::int64_t axis = 0;
  if (c.has_attribute("axis")) {
    XPUQ_ASSIGN(axis, c.axis(c.int_or("axis", 0), c.rank(0)));
  } else {
    XPUQ_ASSIGN(v, c.reshaped(v, {c.builder.type(v).elements()}));
  }
  const std::int64_t size = c.builder.shape(v)[static_cast<std::size_t>(axis)];
  if (static_cast<std::int64_t>(condition.size()) > size)
    return c.problem("the condition is longer than the axis", std::to_string(condition.size()), std::to_string(size));
  Ints kept;
  for (std::size_t i = 0; i < condition.size(); ++i)
    if (condition[i] != 0) kept.push_back(static_cast<std::int64_t>(i));
  const ValueId indices = c.builder.constant(c.names[0] + "/kept", Tensor::vector_s64(kept));
  return c.result(OpKind::gather, {v, indices}, {{"axis", axis}});
}

Result<Outputs> non_zero(Call& c) {
  XPUQ_ASSIGN(const ValueId truth, c.cast(c.in(0), DataType::boolean));
  const Tensor* t = c.builder.constant_of(truth);
  if (!t)
    return c.problem("the shape of the result is known only at run time", "'" + c.builder.name(c.in(0)) + "'",
                     "a constant", "export with fixed shapes");
  const Shape shape = t->shape();
  std::vector<Ints> found(shape.size());
  for (std::int64_t i = 0; i < t->elements(); ++i) {
    if (t->data<std::uint8_t>()[i] == 0) continue;
    std::int64_t rest = i;
    for (std::size_t axis = shape.size(); axis-- > 0; rest /= shape[axis]) found[axis].push_back(rest % shape[axis]);
  }
  Ints all;
  for (const Ints& axis : found) all.insert(all.end(), axis.begin(), axis.end());
  const std::int64_t count = shape.empty() ? 0 : static_cast<std::int64_t>(found[0].size());
  if (shape.empty()) return c.problem("a scalar has no places", "rank 0", "rank 1 or more");
  const Shape wanted{static_cast<std::int64_t>(shape.size()), count};
  return Outputs{c.builder.constant(c.names[0], Tensor::vector_s64(all).reshaped(wanted))};
}

}  // namespace xpuq::onnx_import
