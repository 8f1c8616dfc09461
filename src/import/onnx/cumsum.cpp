// CumSum.
#include "import/onnx/operators.h"

namespace xpuq::onnx_import {

Result<Outputs> cumulative_sum(Call& c) {
  XPUQ_ASSIGN(const Ints given, c.constant_ints(1, "the axis"));
  if (given.size() != 1) return c.problem("the axis is no single number", text(given), "one element");
  XPUQ_ASSIGN(const std::int64_t axis, c.axis(given[0], c.rank(0)));
  XPUQ_ASSIGN(const bool exclusive, c.flag("exclusive", false));
  XPUQ_ASSIGN(const bool reverse, c.flag("reverse", false));
  return c.result(OpKind::cumsum, {c.in(0)},
                  {{"axis", axis}, {"exclusive", std::int64_t{exclusive}}, {"reverse", std::int64_t{reverse}}});
}

}  // namespace xpuq::onnx_import
