// vpmaddwd on s16 pairs: 16 exact multiply-adds per instruction. vpmaddubsw would do 32 but saturates at 16 bits.
#include "runtime/cpu/int8_tile.h"
#include "runtime/cpu/isa.h"

#if XPUQ_X86
#include <immintrin.h>
#endif

namespace xpuq::cpu {

#if XPUQ_X86
namespace {

template <int kPixels>
XPUQ_AVX2 void tile_kernel(const Int8Tile& tile) {
  __m256i acc[kPixels][2];
#pragma GCC unroll 6
  for (int p = 0; p < kPixels; ++p) acc[p][0] = acc[p][1] = _mm256_setzero_si256();

  const std::int16_t* x[kPixels];
#pragma GCC unroll 6
  for (int p = 0; p < kPixels; ++p) x[p] = tile.pixels[p];
  const std::int16_t* w = tile.weights;
  const std::byte* ahead = tile.ahead;
  for (std::int32_t r = 0; r < tile.runs; ++r) {
    // One index for all pixels: their pointers stay in registers from run to run.
    const std::int64_t end = tile.offsets[r] + 2 * static_cast<std::int64_t>(tile.pairs);
    for (std::int64_t i = tile.offsets[r]; i < end; i += 2, w += 32) {
      _mm_prefetch(ahead, _MM_HINT_T0);
      ahead += tile.ahead_step;
      const __m256i w0 = _mm256_load_si256(reinterpret_cast<const __m256i*>(w));
      const __m256i w1 = _mm256_load_si256(reinterpret_cast<const __m256i*>(w + 16));
#pragma GCC unroll 6
      for (int p = 0; p < kPixels; ++p) {
        int pair;
        __builtin_memcpy(&pair, x[p] + i, sizeof pair);
        const __m256i b = _mm256_set1_epi32(pair);
        acc[p][0] = _mm256_add_epi32(acc[p][0], _mm256_madd_epi16(b, w0));
        acc[p][1] = _mm256_add_epi32(acc[p][1], _mm256_madd_epi16(b, w1));
      }
    }
  }
#pragma GCC unroll 6
  for (int p = 0; p < kPixels; ++p) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(tile.acc + 16 * p), acc[p][0]);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(tile.acc + 16 * p + 8), acc[p][1]);
  }
}

}  // namespace

void int8_tile_avx2(const Int8Tile& tile, int pixels) {
  switch (pixels) {
    case 1: return tile_kernel<1>(tile);
    case 2: return tile_kernel<2>(tile);
    case 3: return tile_kernel<3>(tile);
    case 4: return tile_kernel<4>(tile);
    case 5: return tile_kernel<5>(tile);
    default: return tile_kernel<6>(tile);
  }
}
#else
void int8_tile_avx2(const Int8Tile& tile, int pixels) { int8_tile_scalar(tile, pixels); }
#endif

}  // namespace xpuq::cpu
