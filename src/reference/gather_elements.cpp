// gather_elements (ops/gather_elements.cpp): one element per index.
#include <cstring>

#include "reference/indices.h"
#include "reference/rows.h"

namespace xpuq::reference {

Result<void> run_gather_elements(const OpCall& call) {
  const Operand& src = call.inputs[0];
  const Operand& indices = call.inputs[1];
  const Shape& from = src.type->shape;
  const Shape& shape = indices.type->shape;
  const auto axis = static_cast<std::size_t>(call.attributes->get_int("axis", 0));
  const std::size_t size = size_of(src.type->dtype);
  const Strides strides = row_major_strides(from);
  const std::int64_t count = indices.type->elements();
  std::byte* dst = call.outputs[0].bytes;
  for (std::int64_t i = 0; i < count; ++i, dst += size) {
    const std::int64_t given = index_at(indices, i);
    const std::int64_t index = wrapped(given, from[axis]);
    if (index < 0) return outside_error(call, given, axis, from[axis]);
    std::int64_t at = index * strides[axis];
    for (std::int64_t rest = i, a = static_cast<std::int64_t>(shape.size()) - 1; a >= 0; --a) {
      const auto k = static_cast<std::size_t>(a);
      if (k != axis) at += rest % shape[k] * strides[k];
      rest /= shape[k];
    }
    std::memcpy(dst, src.bytes + static_cast<std::size_t>(at) * size, size);
  }
  return {};
}

}  // namespace xpuq::reference
