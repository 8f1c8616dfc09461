// Gemm and MatMul.
#include <algorithm>

#include "import/onnx/operators.h"

namespace xpuq::onnx_import {
namespace {

/// A 2-D constant with its axes swapped, quantization axis included.
ValueId transposed_codes(Call& c, ValueId codes) {
  const Tensor& from = *c.builder.constant_of(codes);
  const std::int64_t rows = from.shape()[0];
  const std::int64_t columns = from.shape()[1];
  Tensor to(from.dtype(), {columns, rows});
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t k = 0; k < columns; ++k) to.raw()[k * rows + r] = from.raw()[r * columns + k];  // one byte each
  auto quant = c.builder.type(codes).quant;
  if (quant->axis) quant->axis = 1 - *quant->axis;
  return c.builder.constant(c.builder.name(codes), std::move(to), std::move(quant));
}

/// B as linear wants it, [out, in]. Integers behind a DequantizeLinear are transposed themselves, so that the weight
/// stays a quantized constant.
Result<ValueId> weights(Call& c, bool transposed) {
  if (transposed) return c.in(1);
  const ValueId codes = c.session.codes_of(c.in(1));
  if (codes == ValueId::none) return c.step(OpKind::transpose, {c.in(1)}, {{"perm", Ints{1, 0}}});
  const ValueId swapped = transposed_codes(c, codes);
  XPUQ_ASSIGN(const ValueId out, c.step(OpKind::dequantize, {swapped}, {{"to", "f32"}}));
  c.session.remember_weight(out, swapped);
  return out;
}

Result<ValueId> scaled(const Call& c, ValueId v, double factor) {
  if (factor == 1) return v;
  return c.step(OpKind::mul, {v, c.scalar(c.builder.type(v).dtype, factor)});
}

/// C as a bias vector [n] when it is the same for every row: constants are spread, anything else must have the shape.
Result<std::optional<ValueId>> as_bias(const Call& c, ValueId v, std::int64_t n) {
  const Shape& shape = c.builder.shape(v);
  if (shape == Shape{n}) return std::optional<ValueId>(v);
  const bool every_row =
      shape.empty() || std::all_of(shape.begin(), shape.end() - 1, [](std::int64_t d) { return d == 1; });
  if (!every_row || !c.builder.constant_of(v)) return std::optional<ValueId>();
  if (shape.size() > 2 || (!shape.empty() && shape.back() != 1 && shape.back() != n)) return std::optional<ValueId>();
  XPUQ_ASSIGN(const ValueId flat, c.reshaped(v, {c.builder.type(v).elements()}));
  XPUQ_ASSIGN(const ValueId spread, c.step(OpKind::expand, {flat}, {{"shape", Ints{n}}}));
  return std::optional<ValueId>(spread);
}

}  // namespace

// alpha * A' * B' + beta * C, as linear: what is constant is transposed and scaled here.
Result<Outputs> gemm(Call& c) {
  if (c.rank(0) != 2 || c.rank(1) != 2)
    return c.problem("inputs have the wrong rank", to_string(c.shape(0)) + " and " + to_string(c.shape(1)),
                     "two matrices");
  XPUQ_ASSIGN(const bool trans_a, c.flag("transA", false));
  XPUQ_ASSIGN(const bool trans_b, c.flag("transB", false));
  const double beta = c.float_or("beta", 1);
  ValueId a = c.in(0);
  if (trans_a) {
    XPUQ_ASSIGN(a, c.step(OpKind::transpose, {a}, {{"perm", Ints{1, 0}}}));
  }
  XPUQ_ASSIGN(ValueId b, weights(c, trans_b));
  XPUQ_ASSIGN(b, scaled(c, b, c.float_or("alpha", 1)));
  if (!c.has(2) || beta == 0) return c.result(OpKind::linear, {a, b});
  XPUQ_ASSIGN(const ValueId term, scaled(c, c.in(2), beta));
  XPUQ_ASSIGN(const auto bias, as_bias(c, term, c.builder.shape(b)[0]));
  if (bias) return c.result(OpKind::linear, {a, b, *bias});
  XPUQ_ASSIGN(const ValueId product, c.step(OpKind::linear, {a, b}));
  return c.result(OpKind::add, {product, term});
}

// Vectors become matrices with one row or column, as numpy.matmul does.
Result<Outputs> matmul(Call& c) {
  const bool row = c.rank(0) == 1;
  const bool column = c.rank(1) == 1;
  if (!row && !column) return c.result(OpKind::matmul, {c.in(0), c.in(1)});
  ValueId a = c.in(0);
  ValueId b = c.in(1);
  if (row) {
    XPUQ_ASSIGN(a, c.reshaped(a, {1, c.shape(0)[0]}));
  }
  if (column) {
    XPUQ_ASSIGN(b, c.reshaped(b, {c.shape(1)[0], 1}));
  }
  XPUQ_ASSIGN(const ValueId product, c.step(OpKind::matmul, {a, b}));
  Shape shape = c.builder.shape(product);
  if (row) shape.erase(shape.end() - 2);
  if (column) shape.pop_back();
  return c.result(OpKind::reshape, {product}, {{"shape", shape}});
}

}  // namespace xpuq::onnx_import
