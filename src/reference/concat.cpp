// concat: blocks of every input in turn.
#include <cstring>

#include "reference/groups.h"

namespace xpuq::reference {

Result<void> run_concat(const OpCall& call) {
  const Shape& shape = call.outputs[0].type->shape;
  const auto axis = static_cast<std::size_t>(call.attributes->get_int("axis", 0));
  std::int64_t outer = 1;
  for (std::size_t i = 0; i < axis; ++i) outer *= shape[i];
  std::byte* dst = call.outputs[0].bytes;
  for (std::int64_t o = 0; o < outer; ++o)
    for (const Operand& in : call.inputs) {
      const std::size_t block = in.type->bytes() / static_cast<std::size_t>(outer);
      if (block > 0) std::memcpy(dst, in.bytes + static_cast<std::size_t>(o) * block, block);
      dst += block;
    }
  return {};
}

}  // namespace xpuq::reference
