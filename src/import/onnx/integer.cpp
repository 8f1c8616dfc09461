// ConvInteger and MatMulInteger: exact sums of (x - x_zero_point) * (w - w_zero_point) as s32. They are computed as
// convolutions and products of whole numbers, which the int8 kernels sum in s32 and hand out in f32; that is exact up
// to 2^24. Longer sums are cut into parts that stay below, and the parts are added as integers.
#include <algorithm>
#include <cmath>

#include "import/onnx/linear.h"
#include "import/onnx/operators.h"
#include "import/onnx/quantization.h"
#include "import/onnx/window.h"

namespace xpuq::onnx_import {
namespace {

constexpr double kExact = 1 << 24;

/// One integer operand with its zero point.
struct Side {
  ValueId codes = ValueId::none;
  ValueId zero = ValueId::none;  ///< as the file has it; none for 0
  std::int64_t axis = 0;         ///< of the zero points, when there are several
};

Result<Side> read_side(const Call& c, std::size_t value, std::size_t zero, std::int64_t axis) {
  Side s{c.in(value), c.has(zero) ? c.in(zero) : ValueId::none, axis};
  const DataType type = c.dtype(value);
  if (type != DataType::u8 && type != DataType::s8)
    return c.problem("input " + std::to_string(value) + " has the wrong type", std::string(to_string(type)),
                     "INT8 or UINT8");
  if (s.zero != ValueId::none && c.dtype(zero) != type)
    return c.problem("codes and zero point differ in type", std::string(to_string(c.dtype(zero))),
                     std::string(to_string(type)));
  const auto& shape = c.builder.shape(c.in(value));
  if (s.zero != ValueId::none && c.builder.type(s.zero).elements() != 1 &&
      c.shape(zero) != Shape{shape[static_cast<std::size_t>(axis)]})
    return c.problem("the zero point has the wrong shape", to_string(c.shape(zero)), "one, or one for each channel");
  return s;
}

/// The zero point when it is one constant.
std::optional<std::int64_t> one_zero(const Call& c, ValueId zero) {
  if (zero == ValueId::none) return 0;
  const Tensor* t = c.builder.constant_of(zero);
  if (!t || t->elements() != 1) return std::nullopt;
  return t->dtype() == DataType::u8 ? t->data<std::uint8_t>()[0] : t->data<std::int8_t>()[0];
}

/// code - zero point in f32: behind a dequantize with scale 1 where an int8 kernel could take it.
Result<ValueId> numbers(Call& c, const Side& s, ValueId codes, bool weight) {
  const DataType type = c.builder.type(codes).dtype;
  const auto zero = one_zero(c, s.zero);
  const std::int64_t middle = type == DataType::u8 ? 128 : 0;
  const bool kernel = zero && (!weight || (*zero == middle && c.builder.constant_of(codes)));
  if (kernel) {
    XPUQ_ASSIGN(const ValueId q, c.session.emit(OpKind::from_codes, {codes},
                                                {{"scales", Floats{1.0}}, {"zero_points", Ints{*zero - middle}}},
                                                c.builder.name(codes), c.origin));
    XPUQ_ASSIGN(const ValueId out, c.step(OpKind::dequantize, {q}, {{"to", "f32"}}));
    if (c.builder.constant_of(q)) c.session.remember_weight(out, q);
    return out;
  }
  XPUQ_ASSIGN(const ValueId v, c.cast(codes, DataType::f32));
  if (s.zero == ValueId::none) return v;
  XPUQ_ASSIGN(const ValueId z, c.cast(s.zero, DataType::f32));
  XPUQ_ASSIGN(const ValueId along, along_axis(c, z, s.axis, static_cast<std::int64_t>(c.builder.shape(codes).size())));
  return c.step(OpKind::sub, {v, along});
}

/// No |code - zero point| is larger.
double bound(const Call& c, const Side& s) {
  const double low = c.builder.type(s.codes).dtype == DataType::u8 ? 0 : -128;
  const auto zero = one_zero(c, s.zero);
  if (!zero) return 255;
  return std::max(std::abs(low - static_cast<double>(*zero)), std::abs(low + 255 - static_cast<double>(*zero)));
}

/// The largest sum of |w - zero point| that ends in one output, when the weights are constant: outputs lie on `axis`.
std::optional<double> heaviest(const Call& c, const Side& wei, std::size_t axis) {
  const Tensor* t = c.builder.constant_of(wei.codes);
  const auto zero = one_zero(c, wei.zero);
  if (!t || !zero) return std::nullopt;
  std::size_t inner = 1;
  for (std::size_t i = axis + 1; i < t->shape().size(); ++i) inner *= static_cast<std::size_t>(t->shape()[i]);
  std::vector<double> sums(static_cast<std::size_t>(t->shape()[axis]), 0.0);
  for (std::size_t i = 0; i < static_cast<std::size_t>(t->elements()); ++i) {
    const std::int64_t w = t->dtype() == DataType::u8 ? t->span<std::uint8_t>()[i] : t->span<std::int8_t>()[i];
    sums[i / inner % sums.size()] += std::abs(static_cast<double>(w - *zero));
  }
  return sums.empty() ? 0.0 : *std::max_element(sums.begin(), sums.end());
}

/// How many of `count` summands of `inner` products each may be summed at once; 0 when not even one. Outputs lie on
/// `axis` of the weights.
std::int64_t exact_count(const Call& c, const Side& src, const Side& wei, std::size_t axis, std::int64_t count,
                         std::int64_t inner) {
  const auto heavy = c.builder.shape(wei.codes).size() > 1 ? heaviest(c, wei, axis) : std::nullopt;
  if (heavy && *heavy * bound(c, src) <= kExact) return count;
  const double each = bound(c, src) * bound(c, wei) * static_cast<double>(std::max<std::int64_t>(inner, 1));
  return std::min(count, static_cast<std::int64_t>(kExact / each));
}

Result<ValueId> part_of(const Call& c, ValueId v, std::int64_t axis, std::int64_t first, std::int64_t count) {
  Shape sizes = c.builder.shape(v);
  const auto at = static_cast<std::size_t>(axis);
  if (first == 0 && count == sizes[at]) return v;
  Ints starts(sizes.size(), 0);
  starts[at] = first;
  sizes[at] = count;
  return c.step(OpKind::slice, {v}, {{"starts", starts}, {"sizes", sizes}, {"steps", Ints(sizes.size(), 1)}});
}

/// Adds a part, which is a whole number in f32, to the sum of those before.
Result<ValueId> add_part(const Call& c, ValueId sum, ValueId part, bool last) {
  const Attributes to{{"to", "s32"}};
  const bool alone = sum == ValueId::none;
  // Float kernels may leave a whole number a little off.
  XPUQ_ASSIGN(const ValueId whole, c.step(OpKind::round, {part}));
  XPUQ_ASSIGN(const ValueId steps,
              last && alone ? c.emit(OpKind::cast, {whole}, to) : c.step(OpKind::cast, {whole}, to));
  if (alone) return steps;
  return last ? c.emit(OpKind::add, {sum, steps}) : c.step(OpKind::add, {sum, steps});
}

}  // namespace

Result<Outputs> conv_integer(Call& c) {
  XPUQ_ASSIGN(Attributes how, conv_attributes(c, 0, 1));
  XPUQ_ASSIGN(const Side src, read_side(c, 0, 2, 1));
  XPUQ_ASSIGN(const Side wei, read_side(c, 1, 3, 0));
  const Shape weights = c.shape(1);
  const auto taps = checked_element_count(Shape(weights.begin() + 2, weights.end()));
  const std::int64_t groups = how.get_int("groups", 1);
  const std::int64_t step = taps ? exact_count(c, src, wei, 0, weights[1], *taps) : 0;
  if (weights[1] > 0 && (step < 1 || (step < weights[1] && groups != 1)))
    return c.problem("the sums are too long to be exact", to_string(weights), "at most 2^24 in a sum");
  ValueId sum = ValueId::none;
  std::int64_t first = 0;
  do {
    const std::int64_t count = std::min(step, weights[1] - first);
    ValueId x = src.codes;
    if (step < weights[1]) {
      XPUQ_ASSIGN(x, part_of(c, src.codes, 1, first, count));
    }
    XPUQ_ASSIGN(const ValueId w, part_of(c, wei.codes, 1, first, count));
    XPUQ_ASSIGN(const ValueId a, numbers(c, src, x, false));
    XPUQ_ASSIGN(const ValueId b, numbers(c, wei, w, true));
    XPUQ_ASSIGN(const ValueId part, c.step(OpKind::conv, {a, b}, how));
    first += count;
    XPUQ_ASSIGN(sum, add_part(c, sum, part, first >= weights[1]));
  } while (first < weights[1]);
  return Outputs{sum};
}

Result<Outputs> matmul_integer(Call& c) {
  if (c.rank(0) < 1 || c.rank(1) < 1) return c.problem("an input is a scalar", "", "vectors or matrices");
  const std::int64_t inner_a = c.rank(0) - 1;
  const std::int64_t inner_b = std::max<std::int64_t>(0, c.rank(1) - 2);
  XPUQ_ASSIGN(const Side a, read_side(c, 0, 2, std::max<std::int64_t>(0, c.rank(0) - 2)));
  XPUQ_ASSIGN(const Side b, read_side(c, 1, 3, c.rank(1) - 1));
  const std::int64_t length = c.shape(0)[static_cast<std::size_t>(inner_a)];
  if (c.shape(1)[static_cast<std::size_t>(inner_b)] != length)
    return c.problem("the inputs do not fit", to_string(c.shape(0)) + " and " + to_string(c.shape(1)),
                     "as many columns as rows");
  const std::size_t outputs = static_cast<std::size_t>(c.rank(1)) - 1;
  const std::int64_t step = exact_count(c, a, b, outputs, length, 1);
  ValueId sum = ValueId::none;
  std::int64_t first = 0;
  do {
    const std::int64_t count = std::min(step, length - first);
    XPUQ_ASSIGN(const ValueId left, part_of(c, a.codes, inner_a, first, count));
    XPUQ_ASSIGN(const ValueId right, part_of(c, b.codes, inner_b, first, count));
    XPUQ_ASSIGN(const ValueId x, numbers(c, a, left, false));
    XPUQ_ASSIGN(const ValueId y, numbers(c, b, right, true));
    XPUQ_ASSIGN(const ValueId part, product(c, x, y, false));
    first += count;
    XPUQ_ASSIGN(sum, add_part(c, sum, part, first >= length));
  } while (first < length);
  return Outputs{sum};
}

}  // namespace xpuq::onnx_import
