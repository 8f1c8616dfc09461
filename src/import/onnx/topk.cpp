// TopK: k is an attribute before opset 10 and an input since. Sorted in any case, which `sorted` 0 leaves open.
#include "import/onnx/operators.h"

namespace xpuq::onnx_import {

Result<Outputs> top_k(Call& c) {
  XPUQ_ASSIGN(const std::int64_t axis, c.axis(c.int_or("axis", -1), c.rank(0)));
  XPUQ_ASSIGN(const bool largest, c.flag("largest", true));
  XPUQ_ASSIGN(const auto k, c.ints_from("k", 1));
  const Ints count = c.has(1) ? k.value_or(Ints()) : Ints{c.int_or("k", -1)};
  if (count.size() != 1) return c.problem("k is no single number", text(count), "one element");
  const Attributes how{{"axis", axis}, {"k", count[0]}, {"largest", std::int64_t{largest}}};
  XPUQ_ASSIGN(const ValueId places, c.emit(OpKind::topk, {c.in(0)}, how, 1));
  XPUQ_ASSIGN(const ValueId values, c.emit(OpKind::gather_elements, {c.in(0), places}, {{"axis", axis}}));
  return Outputs{values, places};
}

}  // namespace xpuq::onnx_import
