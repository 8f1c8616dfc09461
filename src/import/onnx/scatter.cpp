// ScatterElements (and its old name Scatter) and ScatterND.
#include "import/onnx/operators.h"

namespace xpuq::onnx_import {

Result<Outputs> scatter_elements(Call& c) {
  XPUQ_ASSIGN(const std::int64_t axis, c.axis(c.int_or("axis", 0), c.rank(0)));
  return c.result(OpKind::scatter_elements, {c.in(0), c.in(1), c.in(2)},
                  {{"axis", axis}, {"reduction", c.string_or("reduction", "none")}});
}

Result<Outputs> scatter_nd(Call& c) {
  return c.result(OpKind::scatter_nd, {c.in(0), c.in(1), c.in(2)}, {{"reduction", c.string_or("reduction", "none")}});
}

}  // namespace xpuq::onnx_import
