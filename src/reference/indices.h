// Indices as the gather and scatter operations read them.
#pragma once

#include <string>

#include "reference/element.h"
#include "reference/groups.h"

namespace xpuq::reference {

/// Element `i` of an s32 or s64 operand.
inline std::int64_t index_at(const Operand& indices, std::int64_t i) {
  return indices.type->dtype == DataType::s64 ? elements<std::int64_t>(indices)[i] : elements<std::int32_t>(indices)[i];
}

/// An index in 0..size-1 from one that may count from the end; -1 when it is outside.
inline std::int64_t wrapped(std::int64_t given, std::int64_t size) {
  const std::int64_t index = given < 0 ? given + size : given;
  return index < 0 || index >= size ? -1 : index;
}

inline Error outside_error(const OpCall& call, std::int64_t given, std::size_t axis, std::int64_t size) {
  return value_error(call, "index " + std::to_string(given) + " is outside axis " + std::to_string(axis) +
                               " of size " + std::to_string(size));
}

}  // namespace xpuq::reference
