// Addresses as affine functions of a kernel's loop indices.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace xpuq::opencl {

/// offset + sum of coefficients[a] * index[a] over the axes of a kernel.
struct Affine {
  std::int64_t offset = 0;
  std::vector<std::int64_t> coefficients;

  bool operator==(const Affine&) const = default;
  bool is_constant() const;
  /// Least and greatest value where index[a] runs over 0 ... axes[a] - 1.
  std::int64_t least(std::span<const std::int64_t> axes) const;
  std::int64_t greatest(std::span<const std::int64_t> axes) const;
};

Affine operator+(Affine a, const Affine& b);
Affine operator*(Affine a, std::int64_t factor);

/// The coordinates of an element, one per axis of the value.
using Coordinates = std::vector<Affine>;

/// sum of coordinates[i] * strides[i].
Affine address(const Coordinates& coordinates, std::span<const std::int64_t> strides, std::size_t axes);

/// Asks for axis `axis` to become two, the inner one of `inner` elements.
struct Split {
  std::size_t axis;
  std::int64_t inner;
};

/// Coordinates in `shape` of the element at row-major place `linear`, if they are affine. `split` is set when they
/// would be with one axis split.
std::optional<Coordinates> unravel(const Affine& linear, const Shape& shape, std::span<const std::int64_t> axes,
                                   std::optional<Split>& split);

/// Axes with at least two elements, sorted by falling `order` (the address of the output), neighbours joined where all
/// `maps` walk through both without a jump. Changes the coefficients accordingly. At least one axis remains.
void sort_and_join(std::vector<std::int64_t>& axes, const Affine& order, std::span<Affine* const> maps);

/// C text of an affine function of the int (or long) variables i0, i1, ...; "0" for nothing.
std::string text(const Affine& affine);

}  // namespace xpuq::opencl
