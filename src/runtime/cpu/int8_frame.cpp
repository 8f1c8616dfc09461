#include "runtime/cpu/int8_frame.h"

#include <algorithm>

#include "runtime/cpu/isa.h"

#if XPUQ_X86
#include <immintrin.h>
#endif

namespace xpuq::cpu {
namespace {

#if XPUQ_X86
XPUQ_AVX2 void widen_u8_avx2(const std::uint8_t* src, std::int64_t count, std::int32_t zero_point, std::int16_t* dst) {
  const __m256i zero = _mm256_set1_epi16(static_cast<std::int16_t>(zero_point));
  std::int64_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m128i codes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(src + i));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(dst + i), _mm256_sub_epi16(_mm256_cvtepu8_epi16(codes), zero));
  }
  for (; i < count; ++i) dst[i] = static_cast<std::int16_t>(src[i] - zero_point);
}
#endif

}  // namespace

void widen_u8(const std::uint8_t* src, std::int64_t count, std::int32_t zero_point, std::int16_t* dst) {
#if XPUQ_X86
  if (has_avx2()) return widen_u8_avx2(src, count, zero_point, dst);
#endif
  for (std::int64_t i = 0; i < count; ++i) dst[i] = static_cast<std::int16_t>(src[i] - zero_point);
}

Int8Frame::Int8Frame(const ConvShape& shape) : shape_(shape) {
  row_step_ = shape.kh == 1 ? 1 : shape.stride_h;
  column_step_ = shape.kw == 1 ? 1 : shape.stride_w;
  row_reach_ = (shape.kh - 1) * shape.dilation_h + 1;
  width_ = (shape.ow - 1) * column_step_ + (shape.kw - 1) * shape.dilation_w + 1;
}

void Int8Frame::fill(const std::uint8_t* src, std::int64_t n, std::int64_t first_row, std::int64_t out_rows,
                     std::int32_t zero_point, std::int16_t* frame) const {
  const std::int64_t count = rows(out_rows);
  const std::int64_t top = first_row * shape_.stride_h - shape_.pad_top;
  const std::int64_t step = shape_.kh == 1 ? shape_.stride_h : 1;
  for (std::int64_t r = 0; r < count; ++r) {
    const std::int64_t h = top + r * step;
    std::int16_t* row = frame + r * row_stride();
    if (h < 0 || h >= shape_.ih) {
      std::fill_n(row, row_stride(), std::int16_t{0});
    } else {
      fill_row(src + (n * shape_.ih + h) * shape_.iw * shape_.ic, zero_point, row);
    }
  }
  std::fill_n(frame + count * row_stride(), 32, std::int16_t{0});
}

void Int8Frame::fill_row(const std::uint8_t* src, std::int32_t zero_point, std::int16_t* row) const {
  const std::int64_t ic = shape_.ic;
  const std::int64_t step = shape_.kw == 1 ? shape_.stride_w : 1;
  if (step == 1) {
    const std::int64_t left = std::min(shape_.pad_left, width_);
    const std::int64_t inside = std::clamp<std::int64_t>(width_ - left, 0, shape_.iw);
    std::fill_n(row, left * ic, std::int16_t{0});
    widen_u8(src, inside * ic, zero_point, row + left * ic);
    std::fill_n(row + (left + inside) * ic, (width_ - left - inside) * ic, std::int16_t{0});
    return;
  }
  for (std::int64_t x = 0; x < width_; ++x) {
    const std::int64_t w = x * step - shape_.pad_left;
    if (w < 0 || w >= shape_.iw) {
      std::fill_n(row + x * ic, ic, std::int16_t{0});
    } else {
      widen_u8(src + w * ic, ic, zero_point, row + x * ic);
    }
  }
}

}  // namespace xpuq::cpu
