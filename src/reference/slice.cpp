// slice: src walked from `starts` by the strides times `steps`.
#include "reference/copy.h"
#include "reference/groups.h"

namespace xpuq::reference {

Result<void> run_slice(const OpCall& call) {
  const Operand& src = call.inputs[0];
  const MutableOperand& dst = call.outputs[0];
  const Shape& shape = dst.type->shape;
  const Ints& starts = call.attributes->get_ints("starts");
  const Ints& steps = call.attributes->get_ints("steps");
  Strides from = row_major_strides(src.type->shape);
  std::int64_t first = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    first += starts[i] * from[i];
    from[i] = shape[i] == 1 ? 0 : from[i] * steps[i];  // the step of a single element may be anything
  }
  const auto size = static_cast<std::int64_t>(size_of(src.type->dtype));
  copy_strided(size_of(src.type->dtype), shape, src.bytes + first * size, from, dst.bytes, row_major_strides(shape));
  return {};
}

}  // namespace xpuq::reference
