// Copies of elements whose type does not matter, only their size.
#pragma once

#include <cstddef>

#include "reference/rows.h"

namespace xpuq::reference {

/// dst[index * to] = src[index * from] for every index of `shape`; strides count elements of `size` bytes. Runs that
/// are contiguous in both are one memcpy.
void copy_strided(std::size_t size, const Shape& shape, const std::byte* src, const Strides& from, std::byte* dst,
                  const Strides& to);

/// dst[o] = src[m[0][o0], m[1][o1], ...]: every axis of dst reads the src index that its map gives. Trailing axes that
/// map to themselves are copied as blocks.
void copy_mapped(std::size_t size, const Shape& src_shape, const std::byte* src,
                 const std::vector<std::vector<std::int64_t>>& maps, std::byte* dst);

/// Fills `count` elements with the one at `value`.
void fill(std::size_t size, std::int64_t count, const std::byte* value, std::byte* dst);

}  // namespace xpuq::reference
