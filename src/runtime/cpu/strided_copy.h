// One kernel for everything that only moves elements: transpose, slice, expand, concat, reorder between layouts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xpuq::cpu {

/// dst[sum i_d * dst_strides[d]] = src[sum i_d * src_strides[d]] for all i in `shape`; strides in elements, those of
/// src may be 0 or negative (the pointer is to element 0). Axes are sorted and merged once, at construction.
class StridedCopy {
 public:
  StridedCopy(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& dst_strides,
              const std::vector<std::int64_t>& src_strides, std::size_t element_bytes);

  void run(std::byte* dst, const std::byte* src) const;

 private:
  struct Axis {
    std::int64_t size, dst, src;
  };
  void run_part(std::byte* dst, const std::byte* src, std::int64_t begin, std::int64_t end) const;

  std::vector<Axis> outer_;  ///< slowest first
  Axis rows_{1, 0, 0};       ///< axis along which src is contiguous when `run_` is not; else unused
  Axis run_{1, 1, 1};        ///< innermost axis of dst
  std::int64_t outer_count_ = 1;
  std::size_t element_bytes_;
};

}  // namespace xpuq::cpu
