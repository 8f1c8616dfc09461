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

}  // namespace

Result<Outputs> binary(Call& c) { return c.result(c.op.kind, {c.in(0), c.in(1)}); }

// The exponent may have another type than the base, whose type the result has.
Result<Outputs> power(Call& c) {
  const DataType type = c.dtype(0);
  if (is_integer(type) && !is_integer(c.dtype(1))) {
    XPUQ_ASSIGN(const ValueId base, c.cast(c.in(0), c.dtype(1)));
    XPUQ_ASSIGN(const ValueId real, c.step(OpKind::pow, {base, c.in(1)}));
    return c.result(OpKind::cast, {real}, {{"to", std::string(to_string(type))}});
  }
  XPUQ_ASSIGN(const ValueId exponent, c.cast(c.in(1), type));
  return c.result(OpKind::pow, {c.in(0), exponent});
}

// fmod=0 takes the sign of the divisor, fmod=1 that of the dividend (C's %).
Result<Outputs> modulo(Call& c) {
  XPUQ_ASSIGN(const bool fmod, c.flag("fmod", false));
  if (!is_integer(c.dtype(0)))
    return c.problem("the remainder of floats is not supported", std::string(to_string(c.dtype(0))), "integers");
  if (!fmod) return c.result(OpKind::mod, {c.in(0), c.in(1)});
  XPUQ_ASSIGN(const ValueId quotient, c.step(OpKind::div, {c.in(0), c.in(1)}));
  XPUQ_ASSIGN(const ValueId whole, c.step(OpKind::mul, {quotient, c.in(1)}));
  return c.result(OpKind::sub, {c.in(0), whole});
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
  XPUQ_ASSIGN(const ValueId same, c.step(OpKind::equal, {c.in(0), c.in(1)}));
  return c.result(OpKind::logical_not, {same});
}

Result<Outputs> where(Call& c) { return c.result(OpKind::where, {c.in(0), c.in(1), c.in(2)}); }

// NaN is the one value that differs from itself; the dynamo exporter guards all-masked attention rows this way.
Result<Outputs> is_nan(Call& c) {
  XPUQ_ASSIGN(const ValueId same, c.step(OpKind::equal, {c.in(0), c.in(0)}));
  return c.result(OpKind::logical_not, {same});
}

Result<Outputs> is_inf(Call& c) {
  if (c.int_or("detect_negative", 1) != 1 || c.int_or("detect_positive", 1) != 1)
    return c.problem("infinities of one sign are not supported", "detect_negative or detect_positive 0", "1");
  XPUQ_ASSIGN(const ValueId size, c.step(OpKind::abs, {c.in(0)}));
  return c.result(OpKind::equal, {size, c.scalar(c.dtype(0), std::numeric_limits<double>::infinity())});
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
