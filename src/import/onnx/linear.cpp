// Gemm and MatMul.
#include "import/onnx/linear.h"

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
  if (c.has_attribute("broadcast") && c.opset >= 7)
    return c.problem("attribute 'broadcast' is not known", "opset " + std::to_string(c.opset), "opset 6");
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

Result<ValueId> product(Call& c, ValueId a, ValueId b, bool whole) {
  const Shape left = c.builder.shape(a);
  const Shape right = c.builder.shape(b);
  const bool row = left.size() == 1;
  const bool column = right.size() == 1;
  if (!row && !column) return whole ? c.emit(OpKind::matmul, {a, b}) : c.step(OpKind::matmul, {a, b});
  if (row) {
    XPUQ_ASSIGN(a, c.reshaped(a, {1, left[0]}));
  }
  if (column) {
    XPUQ_ASSIGN(b, c.reshaped(b, {right[0], 1}));
  }
  XPUQ_ASSIGN(const ValueId matrix, c.step(OpKind::matmul, {a, b}));
  Shape shape = c.builder.shape(matrix);
  if (row) shape.erase(shape.end() - 2);
  if (column) shape.pop_back();
  if (whole) return c.emit(OpKind::reshape, {matrix}, {{"shape", shape}});
  return c.reshaped(matrix, shape);
}

Result<Outputs> matmul(Call& c) {
  XPUQ_ASSIGN(const ValueId out, product(c, c.in(0), c.in(1), true));
  return Outputs{out};
}

}  // namespace xpuq::onnx_import
