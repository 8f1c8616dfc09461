#include "samples/resample_kernel.h"

#include <algorithm>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "samples/resample_weights.h"

namespace xpuq::samples {
namespace {

std::uint8_t finish(std::uint32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(static_cast<std::int32_t>(sum) >> kWeightBits, 0, 255));
}

void weighted_rows_plain(const std::uint8_t* src, std::size_t stride, const std::int16_t* low, const std::int16_t* high,
                         std::size_t taps, std::uint8_t* out, std::size_t lanes) {
  for (std::size_t i = 0; i < lanes; ++i) {
    std::uint32_t sum = 1u << (kWeightBits - 1);
    for (std::size_t t = 0; t < taps; ++t)
      sum += static_cast<std::uint32_t>(high[t] * 32768 + low[t]) * src[t * stride + i];
    out[i] = finish(sum);
  }
}

#if defined(__SSE2__)

/// Four sums of each of the two halves of a weight, for two taps at a time (pmaddwd).
struct Sums {
  __m128i low[4], high[4];

  void add(__m128i bytes0, __m128i bytes1, __m128i weights_low, __m128i weights_high) {
    const __m128i zero = _mm_setzero_si128();
    const __m128i left = _mm_unpacklo_epi8(bytes0, bytes1), right = _mm_unpackhi_epi8(bytes0, bytes1);
    const __m128i pairs[4] = {_mm_unpacklo_epi8(left, zero), _mm_unpackhi_epi8(left, zero),
                              _mm_unpacklo_epi8(right, zero), _mm_unpackhi_epi8(right, zero)};
    for (int q = 0; q < 4; ++q) {
      low[q] = _mm_add_epi32(low[q], _mm_madd_epi16(pairs[q], weights_low));
      high[q] = _mm_add_epi32(high[q], _mm_madd_epi16(pairs[q], weights_high));
    }
  }
};

__m128i pair_of(std::int16_t first, std::int16_t second) {
  return _mm_set1_epi32(static_cast<std::int32_t>(
      static_cast<std::uint16_t>(first) | static_cast<std::uint32_t>(static_cast<std::uint16_t>(second)) << 16));
}

__m128i load(const std::uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }

void sixteen_lanes(const std::uint8_t* src, std::size_t stride, const std::int16_t* low, const std::int16_t* high,
                   std::size_t taps, std::uint8_t* out) {
  Sums sums;
  for (int q = 0; q < 4; ++q) {
    sums.low[q] = _mm_set1_epi32(1 << (kWeightBits - 1));
    sums.high[q] = _mm_setzero_si128();
  }
  std::size_t t = 0;
  for (; t + 2 <= taps; t += 2)
    sums.add(load(src + t * stride), load(src + (t + 1) * stride), pair_of(low[t], low[t + 1]),
             pair_of(high[t], high[t + 1]));
  if (t < taps) sums.add(load(src + t * stride), _mm_setzero_si128(), pair_of(low[t], 0), pair_of(high[t], 0));
  __m128i words[4];
  for (int q = 0; q < 4; ++q)
    words[q] = _mm_srai_epi32(_mm_add_epi32(sums.low[q], _mm_slli_epi32(sums.high[q], 15)), kWeightBits);
  // Saturating packs are the clamp: a word lies within -512..511.
  const __m128i bytes = _mm_packus_epi16(_mm_packs_epi32(words[0], words[1]), _mm_packs_epi32(words[2], words[3]));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
}

#endif

}  // namespace

void weighted_rows(const std::uint8_t* src, std::size_t stride, const std::int16_t* low, const std::int16_t* high,
                   std::size_t taps, std::uint8_t* out, std::size_t lanes) {
  std::size_t i = 0;
#if defined(__SSE2__)
  for (; i + 16 <= lanes; i += 16) sixteen_lanes(src + i, stride, low, high, taps, out + i);
#endif
  weighted_rows_plain(src + i, stride, low, high, taps, out + i, lanes - i);
}

void transpose_16x16(const std::uint8_t* from, std::size_t from_stride, std::uint8_t* to, std::size_t to_stride) {
#if defined(__SSE2__)
  __m128i a[16], b[16];
  for (std::size_t i = 0; i < 16; ++i) a[i] = load(from + i * from_stride);
  // Interleaving row i with row i + 8 four times turns the index bits around: a transposition.
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 8; ++i) {
      b[2 * i] = _mm_unpacklo_epi8(a[i], a[i + 8]);
      b[2 * i + 1] = _mm_unpackhi_epi8(a[i], a[i + 8]);
    }
    std::copy(b, b + 16, a);
  }
  for (std::size_t i = 0; i < 16; ++i) _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i * to_stride), a[i]);
#else
  for (std::size_t i = 0; i < 16; ++i)
    for (std::size_t j = 0; j < 16; ++j) to[j * to_stride + i] = from[i * from_stride + j];
#endif
}

}  // namespace xpuq::samples
