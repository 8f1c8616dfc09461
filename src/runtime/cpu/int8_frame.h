// The input rows of one task as s16 numbers with the zero point taken off, inside a frame of zeros that stands for the
// padding. In the frame a tap of the kernel is a constant distance from its pixel.
#pragma once

#include <cstdint>

#include "runtime/cpu/int8_conv.h"

namespace xpuq::cpu {

class Int8Frame {
 public:
  explicit Int8Frame(const ConvShape& shape);

  /// Frame rows that `out_rows` rows of output need.
  std::int64_t rows(std::int64_t out_rows) const { return (out_rows - 1) * row_step_ + row_reach_; }
  /// Elements of a frame for `out_rows`, with slack for reads of whole pairs and registers past the end.
  std::int64_t elements(std::int64_t out_rows) const { return rows(out_rows) * row_stride() + 32; }

  std::int64_t row_stride() const { return width_ * shape_.ic; }
  /// Where output pixel (row, column) of the task starts.
  std::int64_t pixel_offset(std::int64_t row, std::int64_t column) const {
    return row * row_step_ * row_stride() + column * column_step_ * shape_.ic;
  }
  /// Distance of kernel tap (kh, kw) from there.
  std::int64_t tap_offset(std::int64_t kh, std::int64_t kw) const {
    return kh * shape_.dilation_h * row_stride() + kw * shape_.dilation_w * shape_.ic;
  }

  /// Fills `frame` for output rows [first_row, first_row + out_rows) of image `n`.
  void fill(const std::uint8_t* src, std::int64_t n, std::int64_t first_row, std::int64_t out_rows,
            std::int32_t zero_point, std::int16_t* frame) const;

 private:
  void fill_row(const std::uint8_t* src, std::int32_t zero_point, std::int16_t* row) const;

  ConvShape shape_;
  // A kernel of height (width) 1 looks only at every stride-th row (column): the others are left out of the frame.
  std::int64_t row_step_, column_step_, row_reach_, width_;
};

/// dst[i] = src[i] - zero_point.
void widen_u8(const std::uint8_t* src, std::int64_t count, std::int32_t zero_point, std::int16_t* dst);

}  // namespace xpuq::cpu
