// Operators of two and more inputs that broadcast; comparisons and logic.
#include <algorithm>
#include <limits>

#include "import/onnx/operators.h"

namespace xpuq::onnx_import {
namespace {

constexpr std::int64_t kLargestMask = std::int64_t{1} << 26;

bool is_integer(DataType t) {
  return t == DataType::s8 || t == DataType::u8 || t == DataType::s16 || t == DataType::s32 || t == DataType::s64;
}

// Before opset 7 the second input is spread only when `broadcast` says so, from `axis` on or over the last axes.
Result<ValueId> second_operand(const Call& c) {
  if (c.opset >= 7) {
    for (const char* old : {"broadcast", "axis"})
      if (c.has_attribute(old))
        return c.problem("attribute '" + std::string(old) + "' is not known", "opset " + std::to_string(c.opset),
                         "opset 6");
    return c.in(1);
  }
  XPUQ_ASSIGN(const bool spreads, c.flag("broadcast", false));
  const Shape a = c.shape(0);
  const Shape b = c.shape(1);
  if (!spreads) {
    if (a != b) return c.problem("the inputs differ in shape", to_string(a) + " and " + to_string(b), "broadcast=1");
    return c.in(1);
  }
  if (!c.has_attribute("axis")) return c.in(1);
  XPUQ_ASSIGN(const std::int64_t axis, c.axis(c.int_or("axis", 0), c.rank(0)));
  if (axis + c.rank(1) > c.rank(0))
    return c.problem("input 1 does not fit at axis " + std::to_string(axis), to_string(b), to_string(a));
  Shape shape = b;
  shape.resize(static_cast<std::size_t>(c.rank(0) - axis), 1);
  return shape == b ? Result<ValueId>(c.in(1)) : c.reshaped(c.in(1), shape);
}

}  // namespace

Result<Outputs> binary(Call& c) {
  XPUQ_ASSIGN(const ValueId b, second_operand(c));
  return c.result(c.op.kind, {c.in(0), b});
}

// Before opset 7 a slope of several elements belongs to the channels.
Result<Outputs> prelu(Call& c) {
  if (c.opset >= 7 || c.rank(1) != 1 || c.shape(1)[0] == 1 || c.rank(0) < 2)
    return c.result(OpKind::prelu, {c.in(0), c.in(1)});
  Shape shape(static_cast<std::size_t>(c.rank(0)) - 1, 1);
  shape[0] = c.shape(1)[0];
  XPUQ_ASSIGN(const ValueId slope, c.reshaped(c.in(1), shape));
  return c.result(OpKind::prelu, {c.in(0), slope});
}

// The exponent may have another type than the base, whose type the result has.
Result<Outputs> power(Call& c) {
  const DataType type = c.dtype(0);
  XPUQ_ASSIGN(const ValueId second, second_operand(c));
  if (is_integer(type) && !is_integer(c.dtype(1))) {
    XPUQ_ASSIGN(const ValueId base, c.cast(c.in(0), c.dtype(1)));
    XPUQ_ASSIGN(const ValueId real, c.step(OpKind::pow, {base, second}));
    return c.result(OpKind::cast, {real}, {{"to", std::string(to_string(type))}});
  }
  XPUQ_ASSIGN(const ValueId exponent, c.cast(second, type));
  return c.result(OpKind::pow, {c.in(0), exponent});
}

// fmod=0 takes the sign of the divisor, fmod=1 that of the dividend (C's %).
Result<Outputs> modulo(Call& c) {
  XPUQ_ASSIGN(const bool fmod, c.flag("fmod", false));
  if (!fmod && !is_integer(c.dtype(0)))
    return c.problem("the remainder of floats needs fmod=1", std::string(to_string(c.dtype(0))), "integers");
  return c.result(fmod ? OpKind::fmod : OpKind::mod, {c.in(0), c.in(1)});
}

// Sum, Min, Max of any number of inputs, from left to right. One input is itself.
Result<Outputs> chain(Call& c) {
  ValueId v = c.in(0);
  for (std::size_t i = 1; i < c.inputs.size(); ++i) {
    if (!c.has(i)) return c.problem("input " + std::to_string(i) + " is missing");
    const bool last = i + 1 == c.inputs.size();
    XPUQ_ASSIGN(v, last ? c.emit(c.op.kind, {v, c.in(i)}) : c.step(c.op.kind, {v, c.in(i)}));
  }
  return Outputs{v};
}

Result<Outputs> mean_of_inputs(Call& c) {
  if (c.inputs.size() == 1) return Outputs{c.in(0)};
  ValueId v = c.in(0);
  for (std::size_t i = 1; i < c.inputs.size(); ++i) {
    if (!c.has(i)) return c.problem("input " + std::to_string(i) + " is missing");
    XPUQ_ASSIGN(v, c.step(OpKind::add, {v, c.in(i)}));
  }
  return c.result(OpKind::div, {v, c.scalar(c.dtype(0), static_cast<double>(c.inputs.size()))});
}

Result<Outputs> exclusive_or(Call& c) {
  for (std::size_t i : {std::size_t{0}, std::size_t{1}})
    if (c.dtype(i) != DataType::boolean)
      return c.problem("input " + std::to_string(i) + " has the wrong type", std::string(to_string(c.dtype(i))),
                       "boolean");
  XPUQ_ASSIGN(const ValueId other, second_operand(c));
  XPUQ_ASSIGN(const ValueId same, c.step(OpKind::equal, {c.in(0), other}));
  return c.result(OpKind::logical_not, {same});
}

Result<Outputs> where(Call& c) { return c.result(OpKind::where, {c.in(0), c.in(1), c.in(2)}); }

// NaN is the one value that differs from itself; the dynamo exporter guards all-masked attention rows this way.
Result<Outputs> is_nan(Call& c) {
  XPUQ_ASSIGN(const ValueId same, c.step(OpKind::equal, {c.in(0), c.in(0)}));
  return c.result(OpKind::logical_not, {same});
}

Result<Outputs> is_inf(Call& c) {
  XPUQ_ASSIGN(const bool negative, c.flag("detect_negative", true));
  XPUQ_ASSIGN(const bool positive, c.flag("detect_positive", true));
  if (!negative && !positive) {
    return c.result(OpKind::expand, {c.scalar(DataType::boolean, 0)}, {{"shape", c.shape(0)}});
  }
  if (negative != positive) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    return c.result(OpKind::equal, {c.in(0), c.scalar(c.dtype(0), negative ? -kInfinity : kInfinity)});
  }
  XPUQ_ASSIGN(const ValueId size, c.step(OpKind::abs, {c.in(0)}));
  return c.result(OpKind::equal, {size, c.scalar(c.dtype(0), std::numeric_limits<double>::infinity())});
}

// Shifts of u8: a product modulo 256, or a quotient. Shifts by 8 and more give 0.
Result<Outputs> bit_shift(Call& c) {
  const std::string direction = c.string_or("direction", "");
  if (direction != "LEFT" && direction != "RIGHT")
    return c.problem("attribute 'direction' is not known", direction, "LEFT or RIGHT");
  for (std::size_t i : {std::size_t{0}, std::size_t{1}})
    if (c.dtype(i) != DataType::u8)
      return c.problem("input " + std::to_string(i) + " has the wrong type", std::string(to_string(c.dtype(i))),
                       "UINT8");
  XPUQ_ASSIGN(const ValueId x, c.cast(c.in(0), DataType::s32));
  XPUQ_ASSIGN(const ValueId wide, c.cast(c.in(1), DataType::s32));
  XPUQ_ASSIGN(const ValueId places, c.step(OpKind::minimum, {wide, c.scalar(DataType::s32, 8)}));
  XPUQ_ASSIGN(const ValueId factor, c.step(OpKind::pow, {c.scalar(DataType::s32, 2), places}));
  XPUQ_ASSIGN(const ValueId moved, c.step(direction == "LEFT" ? OpKind::mul : OpKind::div, {x, factor}));
  return c.result(OpKind::cast, {moved}, {{"to", "u8"}});
}

// The upper or lower triangle of the last two axes: the rest becomes 0. Attention masks are made this way.
Result<Outputs> triangle(Call& c) {
  const Shape shape = c.shape(0);
  if (shape.size() < 2) return c.problem("input 0 has the wrong rank", to_string(shape), "2 or more axes");
  XPUQ_ASSIGN(const bool upper, c.flag("upper", true));
  std::int64_t diagonal = 0;
  if (c.has(1)) {
    XPUQ_ASSIGN(const Ints k, c.constant_ints(1, "k"));
    if (k.size() != 1) return c.problem("k is no single number", text(k), "one element");
    diagonal = k[0];
  }
  const std::int64_t rows = shape[shape.size() - 2];
  const std::int64_t columns = shape.back();
  diagonal = std::clamp(diagonal, -rows - 1, columns + 1);
  if (checked_element_count({rows, columns}).value_or(INT64_MAX) > kLargestMask)
    return c.problem("the triangle is too large", to_string(shape), "2^26 elements");
  Tensor kept(DataType::boolean, {rows, columns});
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t k = 0; k < columns; ++k)
      kept.data<std::uint8_t>()[r * columns + k] = upper ? k >= r + diagonal : k <= r + diagonal;
  const ValueId mask = c.builder.constant(c.names[0] + "/mask", std::move(kept));
  return c.result(OpKind::where, {mask, c.in(0), c.scalar(c.dtype(0), 0)});
}

}  // namespace xpuq::onnx_import
