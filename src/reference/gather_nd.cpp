// gather_nd (ops/gather_nd.cpp): one block per position.
#include <cstring>

#include "reference/indices.h"
#include "reference/rows.h"

namespace xpuq::reference {

Result<void> run_gather_nd(const OpCall& call) {
  const Operand& src = call.inputs[0];
  const Operand& indices = call.inputs[1];
  const Shape& from = src.type->shape;
  const Shape& shape = indices.type->shape;
  const auto batch_dims = static_cast<std::size_t>(call.attributes->get_int("batch_dims", 0));
  const auto depth = static_cast<std::size_t>(shape.back());
  const Strides strides = row_major_strides(from);
  std::int64_t batches = 1;
  for (std::size_t i = 0; i < batch_dims; ++i) batches *= from[i];
  std::size_t block = size_of(src.type->dtype);
  for (std::size_t i = batch_dims + depth; i < from.size(); ++i) block *= static_cast<std::size_t>(from[i]);
  const std::size_t unit = size_of(src.type->dtype);
  const std::int64_t positions = indices.type->elements() / shape.back();
  const std::int64_t batch_stride = batch_dims == 0 ? 0 : strides[batch_dims - 1];
  std::byte* dst = call.outputs[0].bytes;
  for (std::int64_t p = 0; p < positions; ++p, dst += block) {
    std::int64_t at = p / (positions / batches) * batch_stride;
    for (std::size_t k = 0; k < depth; ++k) {
      const std::size_t axis = batch_dims + k;
      const std::int64_t given = index_at(indices, p * shape.back() + static_cast<std::int64_t>(k));
      const std::int64_t index = wrapped(given, from[axis]);
      if (index < 0) return outside_error(call, given, axis, from[axis]);
      at += index * strides[axis];
    }
    std::memcpy(dst, src.bytes + static_cast<std::size_t>(at) * unit, block);
  }
  return {};
}

}  // namespace xpuq::reference
