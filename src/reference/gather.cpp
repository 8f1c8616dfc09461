// gather (ops/gather.cpp): one block per index.
#include <cstring>

#include "reference/indices.h"

namespace xpuq::reference {

Result<void> run_gather(const OpCall& call) {
  const Operand& src = call.inputs[0];
  const Operand& indices = call.inputs[1];
  const Shape& shape = src.type->shape;
  const auto axis = static_cast<std::size_t>(call.attributes->get_int("axis", 0));
  std::int64_t outer = 1;
  for (std::size_t i = 0; i < axis; ++i) outer *= shape[i];
  std::size_t block = size_of(src.type->dtype);
  for (std::size_t i = axis + 1; i < shape.size(); ++i) block *= static_cast<std::size_t>(shape[i]);

  std::vector<std::size_t> picks;
  const std::int64_t count = indices.type->elements();
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t given = index_at(indices, i);
    const std::int64_t index = wrapped(given, shape[axis]);
    if (index < 0) return outside_error(call, given, axis, shape[axis]);
    picks.push_back(static_cast<std::size_t>(index));
  }
  if (block == 0) return {};
  std::byte* dst = call.outputs[0].bytes;
  const std::byte* from = src.bytes;
  for (std::int64_t o = 0; o < outer; ++o, from += static_cast<std::size_t>(shape[axis]) * block)
    for (std::size_t pick : picks) {
      std::memcpy(dst, from + pick * block, block);
      dst += block;
    }
  return {};
}

}  // namespace xpuq::reference
