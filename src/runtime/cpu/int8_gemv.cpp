#include "runtime/cpu/int8_gemv.h"

#include <algorithm>

#include "runtime/cpu/aligned.h"
#include "runtime/cpu/int8_frame.h"
#include "runtime/cpu/isa.h"
#include "runtime/cpu/parallel.h"

#if XPUQ_X86
#include <immintrin.h>
#endif

namespace xpuq::cpu {
namespace {

void dot_rows_scalar(const std::int16_t* x, const std::int8_t* w, std::int64_t count, int rows, std::int32_t* acc) {
  for (int r = 0; r < rows; ++r) {
    std::int32_t sum = 0;
    for (std::int64_t k = 0; k < count; ++k) sum += x[k] * w[r * count + k];
    acc[r] = sum;
  }
}

#if XPUQ_X86
XPUQ_AVX2_INLINE std::int32_t sum_lanes(__m256i v) {
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
  return _mm_cvtsi128_si32(s);
}

template <int kRows>
XPUQ_AVX2 void dot_rows(const std::int16_t* x, const std::int8_t* w, std::int64_t count, std::int32_t* out) {
  __m256i acc[kRows];
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) acc[r] = _mm256_setzero_si256();
  std::int64_t k = 0;
  for (; k + 16 <= count; k += 16) {
    const __m256i xs = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + k));
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      const __m128i codes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(w + r * count + k));
      acc[r] = _mm256_add_epi32(acc[r], _mm256_madd_epi16(xs, _mm256_cvtepi8_epi16(codes)));
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) {
    std::int32_t sum = sum_lanes(acc[r]);
    for (std::int64_t t = k; t < count; ++t) sum += x[t] * w[r * count + t];
    out[r] = sum;
  }
}

void dot_rows_avx2(const std::int16_t* x, const std::int8_t* w, std::int64_t count, int rows, std::int32_t* acc) {
  int r = 0;
  for (; r + 4 <= rows; r += 4) dot_rows<4>(x, w + r * count, count, acc + r);
  for (; r < rows; ++r) dot_rows<1>(x, w + r * count, count, acc + r);
}
#endif

}  // namespace

Int8Gemv::Int8Gemv(std::int64_t rows, std::int64_t inputs, std::int64_t outputs, const std::int8_t* weights,
                   std::int32_t src_zero_point, Epilogue epilogue)
    : rows_(rows), inputs_(inputs), outputs_(outputs), weights_(weights), zero_point_(src_zero_point),
      epilogue_(std::move(epilogue)) {
  epilogue_.scales.resize(outputs + kChannelBlock, 0.0f);
  epilogue_.biases.resize(outputs + kChannelBlock, 0.0f);
  epilogue_.prepare();
  finish_ = choose_epilogue(epilogue_);
}

std::size_t Int8Gemv::scratch_bytes() const { return rows_ * round_up(inputs_ * 2, kLine); }

void Int8Gemv::run(const std::uint8_t* src, std::byte* dst, const std::byte* other, std::byte* scratch) const {
  const std::size_t row_bytes = round_up(inputs_ * 2, kLine);
  for (std::int64_t m = 0; m < rows_; ++m) {
    widen_u8(src + m * inputs_, inputs_, zero_point_, reinterpret_cast<std::int16_t*>(scratch + m * row_bytes));
  }
  const std::int64_t blocks = (outputs_ + kChannelBlock - 1) / kChannelBlock;
  const std::int64_t grain = std::max<std::int64_t>(1, 65536 / (inputs_ * kChannelBlock));
  parallel_ranges(blocks, grain, [&](std::int64_t begin, std::int64_t end, int) {
    alignas(64) std::int32_t acc[kChannelBlock] = {};
    for (std::int64_t b = begin; b < end; ++b) {
      const std::int64_t first = b * kChannelBlock;
      const int channels = static_cast<int>(std::min<std::int64_t>(kChannelBlock, outputs_ - first));
      for (std::int64_t m = 0; m < rows_; ++m) {
        const auto* x = reinterpret_cast<const std::int16_t*>(scratch + m * row_bytes);
#if XPUQ_X86
        (has_avx2() ? dot_rows_avx2 : dot_rows_scalar)(x, weights_ + first * inputs_, inputs_, channels, acc);
#else
        dot_rows_scalar(x, weights_ + first * inputs_, inputs_, channels, acc);
#endif
        const std::int64_t at = m * outputs_ + first;
        const std::byte* operand = other ? other + at * epilogue_.other_bytes() : nullptr;
        std::byte* out = dst + at * epilogue_.dst_bytes();
        finish_(epilogue_, {acc, 1, channels, static_cast<int>(first), out, 0, operand, 0});
      }
    }
  });
}

}  // namespace xpuq::cpu
