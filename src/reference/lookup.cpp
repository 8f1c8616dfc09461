// lookup: dst = table[q + 128].
#include "reference/element.h"
#include "reference/groups.h"

namespace xpuq::reference {

Result<void> run_lookup(const OpCall& call) {
  const auto* src = elements<std::int8_t>(call.inputs[0]);
  const auto* table = elements<std::int8_t>(call.inputs[1]);
  auto* dst = elements<std::int8_t>(call.outputs[0]);
  const std::int64_t count = call.inputs[0].type->elements();
  for (std::int64_t i = 0; i < count; ++i) dst[i] = table[static_cast<int>(src[i]) + 128];
  return {};
}

}  // namespace xpuq::reference
