// Walks over several tensors at once, each with its own strides, in rows as long as they allow.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "xpuq/types.h"

namespace xpuq::reference {

using Strides = std::vector<std::int64_t>;  ///< elements from one index to the next, per axis; may be 0 or negative

Strides row_major_strides(const Shape& shape);
/// Strides that read `from` as if it had the shape `to`, which it broadcasts to.
Strides broadcast_strides(const Shape& from, const Shape& to);

/// Drops axes of size 1 and joins neighbours that all tensors walk through without a jump. At least one axis remains.
void merge_axes(Shape& shape, std::span<Strides> strides);

/// Calls row(offsets, steps, count) for every row of `shape`: element i of the row lies at offsets[t] + i * steps[t] of
/// tensor t. No row of an empty shape.
template <std::size_t N, class Row>
void for_each_row(Shape shape, std::array<Strides, N> strides, Row row) {
  merge_axes(shape, strides);
  const std::size_t last = shape.size() - 1;
  std::array<std::int64_t, N> offsets{}, steps{};
  for (std::size_t t = 0; t < N; ++t) steps[t] = strides[t][last];
  for (std::int64_t d : shape)
    if (d == 0) return;

  Shape index(shape.size(), 0);
  for (;;) {
    row(offsets, steps, shape[last]);
    std::size_t axis = last;
    for (;;) {  // the next index of the outer axes, last one fastest
      if (axis == 0) return;
      --axis;
      for (std::size_t t = 0; t < N; ++t) offsets[t] += strides[t][axis];
      if (++index[axis] < shape[axis]) break;
      for (std::size_t t = 0; t < N; ++t) offsets[t] -= strides[t][axis] * shape[axis];
      index[axis] = 0;
    }
  }
}

}  // namespace xpuq::reference
