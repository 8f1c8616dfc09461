// Operators that make constants out of nothing or out of shapes: what exporters compute views with.
#include <algorithm>
#include <cmath>

#include "import/onnx/operators.h"

namespace xpuq::onnx_import {
namespace {

constexpr std::int64_t kLongestRange = std::int64_t{8} << 20;

template <class T, class Field>
Tensor list_of(DataType dtype, const Field& values) {
  const std::vector<T> copy(values.begin(), values.end());
  return Tensor::of<T>(dtype, {static_cast<std::int64_t>(copy.size())}, copy);
}

template <class T>
Tensor single(DataType dtype, T value) {
  return Tensor::of<T>(dtype, {}, {&value, 1});
}

Result<Outputs> integer_range(Call& c) {
  std::int64_t bound[3];
  for (std::size_t i = 0; i < 3; ++i) {
    XPUQ_ASSIGN(const Ints value, c.constant_ints(i, "a bound"));
    if (value.size() != 1) return c.problem("a bound is no single number", to_string(c.shape(i)), "one element");
    bound[i] = value[0];
  }
  const auto [start, limit, delta] = bound;
  if (delta == 0) return c.problem("the step is 0");
  // Unsigned, because the distance of two 64-bit numbers may need all 64 bits.
  const auto distance = delta > 0 ? static_cast<std::uint64_t>(limit) - static_cast<std::uint64_t>(start)
                                  : static_cast<std::uint64_t>(start) - static_cast<std::uint64_t>(limit);
  const auto stride = delta > 0 ? static_cast<std::uint64_t>(delta) : 0 - static_cast<std::uint64_t>(delta);
  const bool empty = delta > 0 ? start >= limit : start <= limit;
  const std::uint64_t count = empty ? 0 : (distance - 1) / stride + 1;
  if (count > static_cast<std::uint64_t>(kLongestRange))
    return c.problem("the range is too long", std::to_string(count),
                     "at most " + std::to_string(kLongestRange) + " numbers");
  Ints values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(start) + i * static_cast<std::uint64_t>(delta));
  const ValueId wide = c.builder.constant(c.names[0], Tensor::vector_s64(values));
  if (c.dtype(0) == DataType::s64) return Outputs{wide};
  return c.result(OpKind::cast, {wide}, {{"to", std::string(to_string(c.dtype(0)))}});
}

Result<Outputs> real_range(Call& c) {
  double bound[3];
  for (std::size_t i = 0; i < 3; ++i) {
    XPUQ_ASSIGN(bound[i], c.constant_number(i, "a bound"));
  }
  const auto [start, limit, delta] = bound;
  const double count = std::max(0.0, std::ceil((limit - start) / delta));
  if (!(count <= static_cast<double>(kLongestRange)))
    return c.problem("the range is too long", std::to_string(count),
                     "at most " + std::to_string(kLongestRange) + " numbers");
  std::vector<double> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = start + static_cast<double>(i) * delta;
  const bool wide = c.dtype(0) == DataType::f64;
  return Outputs{c.builder.constant(
      c.names[0], wide ? list_of<double>(DataType::f64, values) : list_of<float>(DataType::f32, values))};
}

}  // namespace

Result<Outputs> constant(Call& c) {
  if (c.node.attribute_size() != 1)
    return c.problem("needs exactly one value", std::to_string(c.node.attribute_size()) + " attributes", "1");
  const onnx::AttributeProto& a = c.node.attribute(0);
  const std::string& name = c.names[0];
  if (a.name() == "value") {
    XPUQ_ASSIGN(const ValueId v, c.session.constant("constant '" + c.origin + "'", name, a.t()));
    return Outputs{v};
  }
  if (a.name() == "value_float") return Outputs{c.builder.constant(name, single<float>(DataType::f32, a.f()))};
  if (a.name() == "value_int") return Outputs{c.builder.constant(name, single<std::int64_t>(DataType::s64, a.i()))};
  if (a.name() == "value_floats") return Outputs{c.builder.constant(name, list_of<float>(DataType::f32, a.floats()))};
  if (a.name() == "value_ints")
    return Outputs{c.builder.constant(name, list_of<std::int64_t>(DataType::s64, a.ints()))};
  Error e = c.problem("'" + a.name() + "' is not supported", a.name(), "a dense tensor of numbers");
  e.code = a.name() == "sparse_value" ? "E301" : "E305";
  return e;
}

Result<Outputs> constant_of_shape(Call& c) {
  XPUQ_ASSIGN(const Ints shape, c.constant_ints(0, "the shape"));
  ValueId value = c.builder.scalar(0);
  if (const auto* a = c.find("value")) {
    XPUQ_ASSIGN(value, c.session.constant("constant '" + c.origin + "'", c.names[0] + "/value", a->t()));
    if (c.builder.type(value).elements() != 1)
      return c.problem("attribute 'value' has the wrong shape", to_string(c.builder.shape(value)), "one element");
    XPUQ_ASSIGN(value, c.reshaped(value, {}));
  }
  return c.result(OpKind::expand, {value}, {{"shape", shape}});
}

Result<Outputs> range(Call& c) {
  const bool real = c.dtype(0) == DataType::f32 || c.dtype(0) == DataType::f64;
  return real ? real_range(c) : integer_range(c);
}

// Every shape is known, so this is a constant even where the values are not. start and end (opset 15) are clamped.
Result<Outputs> shape_of(Call& c) {
  const std::int64_t rank = c.rank(0);
  const auto clamped = [&](std::int64_t v) { return std::clamp(v < 0 ? v + rank : v, std::int64_t{0}, rank); };
  const std::int64_t start = clamped(c.int_or("start", 0));
  const std::int64_t end = std::max(start, clamped(c.int_or("end", rank)));
  const Shape shape = c.shape(0);
  return Outputs{c.builder.constant(c.names[0], Tensor::vector_s64(Ints(shape.begin() + start, shape.begin() + end)))};
}

Result<Outputs> size_of_input(Call& c) {
  return Outputs{
      c.builder.constant(c.names[0], single<std::int64_t>(DataType::s64, c.builder.type(c.in(0)).elements()))};
}

}  // namespace xpuq::onnx_import
