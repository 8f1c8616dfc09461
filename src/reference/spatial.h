// The sizes of conv, conv_transpose and the pools as if there were always three spatial axes: missing ones have size 1.
#pragma once

#include <array>
#include <cstdint>

#include "ops/attributes.h"
#include "xpuq/types.h"

namespace xpuq::reference {

using Triple = std::array<std::int64_t, 3>;

/// The last up to three entries, with `fill` in front.
Triple as_triple(const std::int64_t* first, const std::int64_t* last, std::int64_t fill);

struct Spatial {
  Triple in, out, kernel, stride, pad, dilation;
};
Spatial read_spatial(const Attributes& attributes, const Shape& src, const Shape& dst, const Ints& kernel);

struct Range {
  std::int64_t first, last;  ///< last is excluded
};
/// The indices i in [0, count) for which i * step lies in [least, least + limit).
Range range_inside(std::int64_t step, std::int64_t least, std::int64_t count, std::int64_t limit);

/// The indices i in [0, count) for which i * stride - pad + tap * dilation lies in [0, limit).
inline Range positions(const Spatial& s, std::size_t axis, std::int64_t tap, std::int64_t count, std::int64_t limit) {
  return range_inside(s.stride[axis], s.pad[axis] - tap * s.dilation[axis], count, limit);
}
/// The taps for which window `o` reads inside src.
inline Range taps_inside(const Spatial& s, std::size_t axis, std::int64_t o) {
  return range_inside(s.dilation[axis], s.pad[axis] - o * s.stride[axis], s.kernel[axis], s.in[axis]);
}

inline std::int64_t volume(const Triple& t) { return t[0] * t[1] * t[2]; }
inline std::int64_t offset(const Triple& size, std::int64_t d, std::int64_t h, std::int64_t w) {
  return (d * size[1] + h) * size[2] + w;
}

}  // namespace xpuq::reference
