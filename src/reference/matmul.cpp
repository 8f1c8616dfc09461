// matmul: batched, f64 accumulators for one row of dst at a time.
#include "reference/floats.h"
#include "reference/groups.h"
#include "reference/rows.h"

namespace xpuq::reference {
namespace {

void multiply(const float* a, const float* b, float* dst, std::int64_t rows, std::int64_t inner, std::int64_t columns) {
  std::vector<double> acc(static_cast<std::size_t>(columns));
  for (std::int64_t m = 0; m < rows; ++m) {
    std::fill(acc.begin(), acc.end(), 0.0);
    for (std::int64_t k = 0; k < inner; ++k) {
      const double x = a[m * inner + k];
      const float* row = b + k * columns;
      for (std::int64_t n = 0; n < columns; ++n) acc[static_cast<std::size_t>(n)] += x * row[n];
    }
    std::copy(acc.begin(), acc.end(), dst + m * columns);
  }
}

Shape batch_of(const Shape& shape) { return Shape(shape.begin(), shape.end() - 2); }

}  // namespace

Result<void> run_matmul(const OpCall& call) {
  const Shape& a = call.inputs[0].type->shape;
  const Shape& b = call.inputs[1].type->shape;
  const Shape batch = batch_of(call.outputs[0].type->shape);
  const std::int64_t rows = a[a.size() - 2], inner = a.back(), columns = b.back();
  const FloatSource x(call.inputs[0]), y(call.inputs[1]);
  FloatSink dst(call.outputs[0]);
  for_each_row<3>(
      batch, {broadcast_strides(batch_of(a), batch), broadcast_strides(batch_of(b), batch), row_major_strides(batch)},
      [&](const auto& at, const auto& step, std::int64_t count) {
        for (std::int64_t i = 0; i < count; ++i)
          multiply(x.data() + (at[0] + i * step[0]) * rows * inner, y.data() + (at[1] + i * step[1]) * inner * columns,
                   dst.data() + (at[2] + i * step[2]) * rows * columns, rows, inner, columns);
      });
  return {};
}

}  // namespace xpuq::reference
