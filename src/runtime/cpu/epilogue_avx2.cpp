// The epilogue, eight channels at a time, with the roundings of the scalar one (no FMA where it says multiply, add).
#include "runtime/cpu/epilogue.h"
#include "runtime/cpu/float_math_avx2.h"
#include "runtime/cpu/isa.h"

#include <cstring>
#include <limits>

namespace xpuq::cpu {

#if XPUQ_X86
namespace {

using Kind = EpilogueOp::Kind;

/// Sixteen floats: one pixel of a channel block.
struct Pixel {
  __m256 low;
  __m256 high;
};

/// What a tile needs of the epilogue, in registers: a store through dst could change anything in memory, so that the
/// compiler would load it again for every pixel.
struct Constants {
  Pixel scale, bias;
  __m256 inverse, zero;
  __m256 other_scale;
  __m256i other_zero;
};

XPUQ_AVX2_INLINE Constants load_constants(const Epilogue& e, const EpilogueTile& tile) {
  const float* scale = e.scales.data() + tile.first_channel;
  const float* bias = e.biases.data() + tile.first_channel;
  return {{_mm256_loadu_ps(scale), _mm256_loadu_ps(scale + 8)},
          {_mm256_loadu_ps(bias), _mm256_loadu_ps(bias + 8)},
          _mm256_set1_ps(e.inverse_scale),
          _mm256_set1_ps(e.zero_point),
          _mm256_set1_ps(e.other_scale),
          _mm256_set1_epi32(e.other_zero_point)};
}

XPUQ_AVX2_INLINE Pixel add(Pixel a, Pixel b) { return {_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)}; }

XPUQ_AVX2_INLINE Pixel load_scaled(const Constants& k, const std::int32_t* acc) {
  const __m256 low = _mm256_cvtepi32_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(acc)));
  const __m256 high = _mm256_cvtepi32_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(acc + 8)));
  return add({_mm256_mul_ps(low, k.scale.low), _mm256_mul_ps(high, k.scale.high)}, k.bias);
}

XPUQ_AVX2_INLINE Pixel load_f32(const std::byte* at) {
  const float* f = reinterpret_cast<const float*>(at);
  return {_mm256_loadu_ps(f), _mm256_loadu_ps(f + 8)};
}
XPUQ_AVX2_INLINE Pixel load_u8(const Constants& k, const std::byte* at) {
  const auto eight = [&](const std::byte* codes) XPUQ_AVX2 {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(codes));
    return _mm256_sub_epi32(_mm256_cvtepu8_epi32(bytes), k.other_zero);
  };
  const __m256i low = eight(at), high = eight(at + 8);
  return {_mm256_mul_ps(_mm256_cvtepi32_ps(low), k.other_scale),
          _mm256_mul_ps(_mm256_cvtepi32_ps(high), k.other_scale)};
}

XPUQ_AVX2_INLINE void store_f32(Pixel v, std::byte* dst) {
  _mm256_storeu_ps(reinterpret_cast<float*>(dst), v.low);
  _mm256_storeu_ps(reinterpret_cast<float*>(dst) + 8, v.high);
}
XPUQ_AVX2_INLINE void store_u8(const Constants& k, Pixel v, bool may_be_nan, std::byte* dst) {
  v = add({_mm256_mul_ps(v.low, k.inverse), _mm256_mul_ps(v.high, k.inverse)}, {k.zero, k.zero});
  if (may_be_nan) {
    v.low = _mm256_and_ps(v.low, _mm256_cmp_ps(v.low, v.low, _CMP_ORD_Q));
    v.high = _mm256_and_ps(v.high, _mm256_cmp_ps(v.high, v.high, _CMP_ORD_Q));
  }
  // Large values must not reach the conversion, which would turn them into the smallest integer. Small ones may:
  // that is what the saturating packs make of them anyway.
  const __m256 top = _mm256_set1_ps(127.0f);
  const __m256i low = _mm256_cvtps_epi32(_mm256_min_ps(v.low, top));
  const __m256i high = _mm256_cvtps_epi32(_mm256_min_ps(v.high, top));
  const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xd8);
  const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(dst), _mm_xor_si128(bytes, _mm_set1_epi8(-128)));
}

/// Runs `tile` with rows of sixteen channels even when fewer are valid: such rows go through a buffer.
template <class Rows>
XPUQ_AVX2_INLINE void with_whole_rows(const Epilogue& e, const EpilogueTile& tile, const Rows& rows) {
  if (tile.channels == kChannelBlock) return rows(e, tile);
  alignas(32) std::byte dst[kChannelBlock * 4];
  alignas(32) std::byte other[kChannelBlock * 4] = {};
  for (int p = 0; p < tile.pixels; ++p) {
    EpilogueTile row = tile;
    row.acc = tile.acc + p * kChannelBlock;
    row.pixels = 1;
    row.dst = dst;
    if (tile.other != nullptr) {
      std::memcpy(other, tile.other + p * tile.other_stride, tile.channels * e.other_bytes());
      row.other = other;
    }
    rows(e, row);
    std::memcpy(tile.dst + p * tile.dst_stride, dst, tile.channels * e.dst_bytes());
  }
}

/// [sum of u8] [relu | clip], then u8. The clamp happens on the code: quantizing never decreases, so that the order of the
/// two makes no difference, and where its ends are those of the type it costs nothing.
template <bool kSum, bool kLow>
struct ClampedRows {
  XPUQ_AVX2 void operator()(const Epilogue& e, const EpilogueTile& tile) const {
    const Constants k = load_constants(e, tile);
    const __m256 low = _mm256_set1_ps(e.low_code), high = _mm256_set1_ps(e.high_code);
    const std::int32_t* acc = tile.acc;
    std::byte* dst = tile.dst;
    const std::byte* other = tile.other;
    // The words of a pixel's sixteen codes, channels in the order 0-3, 8-11, 4-7, 12-15.
    const auto words = [&]() XPUQ_AVX2 {
      Pixel v = load_scaled(k, acc);
      acc += kChannelBlock;
      if constexpr (kSum) {
        v = add(v, load_u8(k, other));
        other += tile.other_stride;
      }
      v = add({_mm256_mul_ps(v.low, k.inverse), _mm256_mul_ps(v.high, k.inverse)}, {k.zero, k.zero});
      if constexpr (kLow) v = {_mm256_max_ps(v.low, low), _mm256_max_ps(v.high, low)};
      // Large values must not reach the conversion, which would turn them into the smallest integer.
      return _mm256_packs_epi32(_mm256_cvtps_epi32(_mm256_min_ps(v.low, high)),
                                _mm256_cvtps_epi32(_mm256_min_ps(v.high, high)));
    };
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7), shift = _mm256_set1_epi8(-128);
    const auto store = [&](__m256i a, __m256i b) XPUQ_AVX2 {
      return _mm256_xor_si256(_mm256_permutevar8x32_epi32(_mm256_packs_epi16(a, b), order), shift);
    };
    int p = 0;
    for (; p + 2 <= tile.pixels; p += 2, dst += 2 * tile.dst_stride) {
      const __m256i first = words();
      const __m256i codes = store(first, words());
      _mm_storeu_si128(reinterpret_cast<__m128i*>(dst), _mm256_castsi256_si128(codes));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(dst + tile.dst_stride), _mm256_extracti128_si256(codes, 1));
    }
    if (p < tile.pixels) {
      const __m256i last = words();
      _mm_storeu_si128(reinterpret_cast<__m128i*>(dst), _mm256_castsi256_si128(store(last, last)));
    }
  }
};

struct GeneralRows {
  XPUQ_AVX2 void operator()(const Epilogue& e, const EpilogueTile& tile) const {
    const Constants k = load_constants(e, tile);
    for (int p = 0; p < tile.pixels; ++p) {
      Pixel v = load_scaled(k, tile.acc + p * kChannelBlock);
      for (const EpilogueOp& op : e.ops) {
        if (op.kind == Kind::sum) {
          const std::byte* other = tile.other + p * tile.other_stride;
          v = add(v, e.other_quantized ? load_u8(k, other) : load_f32(other));
        } else {
          v = {apply_op(op, v.low), apply_op(op, v.high)};
        }
      }
      std::byte* dst = tile.dst + p * tile.dst_stride;
      e.quantized ? store_u8(k, v, e.may_be_nan, dst) : store_f32(v, dst);
    }
  }
};

template <bool kSum, bool kLow>
XPUQ_AVX2 void clamped(const Epilogue& e, const EpilogueTile& tile) {
  with_whole_rows(e, tile, ClampedRows<kSum, kLow>{});
}

}  // namespace

EpilogueFn epilogue_avx2_clamped(const Epilogue& epilogue) {
  if (!epilogue.clamps_codes) return nullptr;
  const bool sum = !epilogue.ops.empty() && epilogue.ops.front().kind == Kind::sum;
  if (epilogue.low_code > -128) return sum ? clamped<true, true> : clamped<false, true>;
  return sum ? clamped<true, false> : clamped<false, false>;
}

XPUQ_AVX2 void epilogue_avx2_general(const Epilogue& e, const EpilogueTile& tile) {
  with_whole_rows(e, tile, GeneralRows{});
}
#else
EpilogueFn epilogue_avx2_clamped(const Epilogue&) { return epilogue_scalar; }
void epilogue_avx2_general(const Epilogue& e, const EpilogueTile& tile) { epilogue_scalar(e, tile); }
#endif

}  // namespace xpuq::cpu
