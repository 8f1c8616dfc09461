// transpose: dst walked in order, src by the permuted strides.
#include "reference/copy.h"
#include "reference/groups.h"

namespace xpuq::reference {

Result<void> run_transpose(const OpCall& call) {
  const Operand& src = call.inputs[0];
  const MutableOperand& dst = call.outputs[0];
  const Strides own = row_major_strides(src.type->shape);
  Strides from;
  for (std::int64_t axis : call.attributes->get_ints("perm")) from.push_back(own[static_cast<std::size_t>(axis)]);
  const Shape& shape = dst.type->shape;
  copy_strided(size_of(src.type->dtype), shape, src.bytes, from, dst.bytes, row_major_strides(shape));
  return {};
}

}  // namespace xpuq::reference
