// reorder: operands of the reference are always row-major, so only the type's layout differs.
#include <cstring>

#include "reference/groups.h"

namespace xpuq::reference {

Result<void> run_reorder(const OpCall& call) {
  const std::size_t bytes = call.inputs[0].type->bytes();
  if (bytes > 0) std::memcpy(call.outputs[0].bytes, call.inputs[0].bytes, bytes);
  return {};
}

}  // namespace xpuq::reference
