// Work of a layer, for coverage, reports and rooflines.
#pragma once

#include <cstdint>

#include "ops/op.h"
#include "xpuq/types.h"

namespace xpuq {

/// Multiply-adds of a conv, conv_transpose, linear or matmul with these shapes, as the direct sum needs them; 0 for any
/// other operation.
std::uint64_t multiply_adds(OpKind op, const Shape& src, const Shape& wei, const Shape& dst);

}  // namespace xpuq
