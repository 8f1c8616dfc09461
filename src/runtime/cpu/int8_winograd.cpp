#include "runtime/cpu/int8_winograd.h"

#include "runtime/cpu/isa.h"

#if XPUQ_X86
#include <immintrin.h>
#endif

namespace xpuq::cpu {
namespace {

constexpr int kLanes = 16;

void input_scalar(const std::int16_t* frame, std::int64_t row_stride, std::int64_t pixel_stride, std::int64_t channels,
                  std::int16_t* v, std::int64_t plane) {
  for (std::int64_t c = 0; c < channels; ++c) {
    std::int32_t rows[4][4];
    for (int x = 0; x < 4; ++x) {
      std::int32_t d[4];
      for (int y = 0; y < 4; ++y) d[y] = frame[y * row_stride + x * pixel_stride + c];
      rows[0][x] = d[0] - d[2];
      rows[1][x] = d[1] + d[2];
      rows[2][x] = d[2] - d[1];
      rows[3][x] = d[1] - d[3];
    }
    for (int y = 0; y < 4; ++y) {
      const std::int32_t* r = rows[y];
      std::int16_t* out = v + 4 * y * plane + c;
      out[0] = static_cast<std::int16_t>(r[0] - r[2]);
      out[plane] = static_cast<std::int16_t>(r[1] + r[2]);
      out[2 * plane] = static_cast<std::int16_t>(r[2] - r[1]);
      out[3 * plane] = static_cast<std::int16_t>(r[1] - r[3]);
    }
  }
}

void output_scalar(const std::int32_t* m, std::int64_t plane, std::int32_t* upper, std::int32_t* lower) {
  for (int c = 0; c < kLanes; ++c) {
    // Unsigned, because intermediate sums may wrap.
    std::uint32_t u[4], l[4];
    for (int x = 0; x < 4; ++x) {
      const auto at = [&](int y) { return static_cast<std::uint32_t>(m[(4 * y + x) * plane + c]); };
      u[x] = at(0) + at(1) + at(2);
      l[x] = at(1) - at(2) - at(3);
    }
    upper[c] = static_cast<std::int32_t>(u[0] + u[1] + u[2]) >> 2;
    upper[kLanes + c] = static_cast<std::int32_t>(u[1] - u[2] - u[3]) >> 2;
    lower[c] = static_cast<std::int32_t>(l[0] + l[1] + l[2]) >> 2;
    lower[kLanes + c] = static_cast<std::int32_t>(l[1] - l[2] - l[3]) >> 2;
  }
}

#if XPUQ_X86
XPUQ_AVX2_INLINE __m256i load(const void* at) { return _mm256_loadu_si256(static_cast<const __m256i*>(at)); }
XPUQ_AVX2_INLINE void store(void* at, __m256i v) { _mm256_storeu_si256(static_cast<__m256i*>(at), v); }

XPUQ_AVX2 void input_avx2(const std::int16_t* frame, std::int64_t row_stride, std::int64_t pixel_stride,
                          std::int64_t channels, std::int16_t* v, std::int64_t plane) {
  for (std::int64_t c = 0; c < channels; c += kLanes) {
    __m256i rows[4][4];
#pragma GCC unroll 4
    for (int x = 0; x < 4; ++x) {
      const std::int16_t* at = frame + x * pixel_stride + c;
      const __m256i d0 = load(at), d1 = load(at + row_stride);
      const __m256i d2 = load(at + 2 * row_stride), d3 = load(at + 3 * row_stride);
      rows[0][x] = _mm256_sub_epi16(d0, d2);
      rows[1][x] = _mm256_add_epi16(d1, d2);
      rows[2][x] = _mm256_sub_epi16(d2, d1);
      rows[3][x] = _mm256_sub_epi16(d1, d3);
    }
#pragma GCC unroll 4
    for (int y = 0; y < 4; ++y) {
      std::int16_t* out = v + 4 * y * plane + c;
      store(out, _mm256_sub_epi16(rows[y][0], rows[y][2]));
      store(out + plane, _mm256_add_epi16(rows[y][1], rows[y][2]));
      store(out + 2 * plane, _mm256_sub_epi16(rows[y][2], rows[y][1]));
      store(out + 3 * plane, _mm256_sub_epi16(rows[y][1], rows[y][3]));
    }
  }
}

/// A quarter of the two combinations of four.
XPUQ_AVX2_INLINE __m256i first_sum(const __m256i* r) {
  return _mm256_srai_epi32(_mm256_add_epi32(_mm256_add_epi32(r[0], r[1]), r[2]), 2);
}
XPUQ_AVX2_INLINE __m256i second_sum(const __m256i* r) {
  return _mm256_srai_epi32(_mm256_sub_epi32(_mm256_sub_epi32(r[1], r[2]), r[3]), 2);
}

XPUQ_AVX2 void output_avx2(const std::int32_t* m, std::int64_t plane, std::int32_t* upper, std::int32_t* lower) {
  for (int half = 0; half < kLanes; half += 8) {
    __m256i u[4], l[4];
#pragma GCC unroll 4
    for (int x = 0; x < 4; ++x) {
      const std::int32_t* at = m + x * plane + half;
      const __m256i m1 = load(at + 4 * plane), m2 = load(at + 8 * plane);
      u[x] = _mm256_add_epi32(_mm256_add_epi32(load(at), m1), m2);
      l[x] = _mm256_sub_epi32(_mm256_sub_epi32(m1, m2), load(at + 12 * plane));
    }
    store(upper + half, first_sum(u));
    store(upper + kLanes + half, second_sum(u));
    store(lower + half, first_sum(l));
    store(lower + kLanes + half, second_sum(l));
  }
}
#endif

}  // namespace

void winograd_weights(const std::int8_t* kernel, std::int16_t* u) {
  std::int32_t rows[4][3];
  for (int x = 0; x < 3; ++x) {
    const std::int32_t a = kernel[x], b = kernel[3 + x], c = kernel[6 + x];
    rows[0][x] = 2 * a;
    rows[1][x] = a + b + c;
    rows[2][x] = a - b + c;
    rows[3][x] = 2 * c;
  }
  for (int y = 0; y < 4; ++y) {
    const std::int32_t a = rows[y][0], b = rows[y][1], c = rows[y][2];
    u[4 * y] = static_cast<std::int16_t>(2 * a);
    u[4 * y + 1] = static_cast<std::int16_t>(a + b + c);
    u[4 * y + 2] = static_cast<std::int16_t>(a - b + c);
    u[4 * y + 3] = static_cast<std::int16_t>(2 * c);
  }
}

void winograd_input(const std::int16_t* frame, std::int64_t row_stride, std::int64_t pixel_stride,
                    std::int64_t channels, std::int16_t* v, std::int64_t plane) {
#if XPUQ_X86
  if (has_avx2()) return input_avx2(frame, row_stride, pixel_stride, channels, v, plane);
#endif
  input_scalar(frame, row_stride, pixel_stride, channels, v, plane);
}

void winograd_output(const std::int32_t* m, std::int64_t plane, std::int32_t* upper, std::int32_t* lower) {
#if XPUQ_X86
  if (has_avx2()) return output_avx2(m, plane, upper, lower);
#endif
  output_scalar(m, plane, upper, lower);
}

}  // namespace xpuq::cpu
