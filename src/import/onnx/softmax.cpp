// Softmax and LogSoftmax.
#include <algorithm>

#include "import/onnx/operators.h"

namespace xpuq::onnx_import {

// Since opset 13 along one axis, the last by default. Before, the input counts as a matrix split at `axis` (default 1)
// and every row of it sums to 1; that is the same only when the axes behind have size 1.
Result<Outputs> softmax(Call& c) {
  const bool flattens = c.opset < 13;
  XPUQ_ASSIGN(const std::int64_t axis, c.axis(c.int_or("axis", flattens ? 1 : -1), c.rank(0)));
  const Shape shape = c.shape(0);
  const bool alone = std::all_of(shape.begin() + axis + 1, shape.end(), [](std::int64_t d) { return d == 1; });
  if (!flattens || alone) return c.result(c.op.kind, {c.in(0)}, {{"axis", axis}});
  const auto rows = checked_element_count(Shape(shape.begin(), shape.begin() + axis));
  const auto columns = checked_element_count(Shape(shape.begin() + axis, shape.end()));
  if (!rows || !columns) return c.problem("the input is too large", to_string(shape));
  XPUQ_ASSIGN(const ValueId matrix, c.reshaped(c.in(0), {*rows, *columns}));
  XPUQ_ASSIGN(const ValueId normalized, c.step(c.op.kind, {matrix}, {{"axis", 1}}));
  return c.result(OpKind::reshape, {normalized}, {{"shape", shape}});
}

}  // namespace xpuq::onnx_import
