#include "runtime/cpu/quantize_kernel.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "runtime/cpu/isa.h"
#include "runtime/cpu/parallel.h"

#if XPUQ_X86
#include <immintrin.h>
#endif

namespace xpuq::cpu {
namespace {

// Beyond this a code saturates whatever the zero point, and every integer below it converts exactly.
constexpr float kFar = 1024.0f;
constexpr std::int64_t kGrain = 16384;

std::uint8_t quantize_one(float x, const QuantizeParams& p) {
  const float exact = x * p.inverse_scale;
  if (std::isnan(exact)) return static_cast<std::uint8_t>(p.nan_code + 128);
  const float scaled = std::clamp(exact, -kFar, kFar);
  const std::int32_t code = static_cast<std::int32_t>(std::nearbyint(scaled)) + p.zero_point;
  return static_cast<std::uint8_t>(std::clamp(code, -128, 127) + 128);
}

#if XPUQ_X86
XPUQ_AVX2_INLINE __m256i quantize8(const float* src, __m256 inverse, __m256i zero, __m256i nan_code) {
  const __m256 exact = _mm256_mul_ps(_mm256_loadu_ps(src), inverse);
  const __m256 scaled = _mm256_min_ps(_mm256_max_ps(exact, _mm256_set1_ps(-kFar)), _mm256_set1_ps(kFar));
  const __m256i code = _mm256_add_epi32(_mm256_cvtps_epi32(scaled), zero);
  return _mm256_blendv_epi8(code, nan_code, _mm256_castps_si256(_mm256_cmp_ps(exact, exact, _CMP_UNORD_Q)));
}

XPUQ_AVX2 std::int64_t quantize_avx2(const float* src, std::int64_t count, const QuantizeParams& p, std::uint8_t* dst) {
  const __m256 inverse = _mm256_set1_ps(p.inverse_scale);
  const __m256i zero = _mm256_set1_epi32(p.zero_point), nan_code = _mm256_set1_epi32(p.nan_code);
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  std::int64_t i = 0;
  for (; i + 32 <= count; i += 32) {
    const __m256i a = quantize8(src + i, inverse, zero, nan_code), b = quantize8(src + i + 8, inverse, zero, nan_code);
    const __m256i c = quantize8(src + i + 16, inverse, zero, nan_code);
    const __m256i d = quantize8(src + i + 24, inverse, zero, nan_code);
    const __m256i bytes = _mm256_packs_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
    const __m256i codes = _mm256_xor_si256(_mm256_permutevar8x32_epi32(bytes, order), _mm256_set1_epi8(-128));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(dst + i), codes);
  }
  return i;
}

XPUQ_AVX2 std::int64_t dequantize_avx2(const std::uint8_t* src, std::int64_t count, std::int32_t zero_point,
                                       float scale, float* dst) {
  const __m256i zero = _mm256_set1_epi32(zero_point);
  const __m256 s = _mm256_set1_ps(scale);
  std::int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256i codes = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(src + i)));
    _mm256_storeu_ps(dst + i, _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_sub_epi32(codes, zero)), s));
  }
  return i;
}
#endif

}  // namespace

void quantize_f32(const float* src, std::int64_t count, const QuantizeParams& params, std::uint8_t* dst) {
  parallel_ranges(count, kGrain, [&](std::int64_t begin, std::int64_t end, int) {
    std::int64_t i = begin;
#if XPUQ_X86
    if (has_avx2()) i += quantize_avx2(src + i, end - i, params, dst + i);
#endif
    for (; i < end; ++i) dst[i] = quantize_one(src[i], params);
  });
}

void dequantize_u8(const std::uint8_t* src, std::int64_t count, std::int32_t zero_point, float scale, float* dst) {
  parallel_ranges(count, kGrain, [&](std::int64_t begin, std::int64_t end, int) {
    std::int64_t i = begin;
#if XPUQ_X86
    if (has_avx2()) i += dequantize_avx2(src + i, end - i, zero_point, scale, dst + i);
#endif
    for (; i < end; ++i) dst[i] = static_cast<float>(static_cast<std::int32_t>(src[i]) - zero_point) * scale;
  });
}

void shift_codes(const std::byte* src, std::int64_t count, std::byte* dst) {
  for (std::int64_t i = 0; i < count; ++i) dst[i] = src[i] ^ std::byte{0x80};
}

}  // namespace xpuq::cpu
