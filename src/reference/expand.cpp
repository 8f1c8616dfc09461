// expand: src read with stride 0 along broadcast axes.
#include "reference/copy.h"
#include "reference/groups.h"

namespace xpuq::reference {

Result<void> run_expand(const OpCall& call) {
  const Operand& src = call.inputs[0];
  const MutableOperand& dst = call.outputs[0];
  const Shape& shape = dst.type->shape;
  copy_strided(size_of(src.type->dtype), shape, src.bytes, broadcast_strides(src.type->shape, shape), dst.bytes,
               row_major_strides(shape));
  return {};
}

}  // namespace xpuq::reference
