// Forms with two registers of eight channels a pixel: six pixels fill the sixteen registers of AVX2 with 12 accumulators,
// 2 weights, 1 broadcast and 1 product. vpmaddwd is exact; vpmaddubsw would do twice as much but saturates at 16 bits.
#include "runtime/cpu/int8_tile.h"
#include "runtime/cpu/isa.h"

#if XPUQ_X86
#include <immintrin.h>
#endif

namespace xpuq::cpu {

#if XPUQ_X86
namespace {

/// acc + the sums of neighbouring products.
struct MultiplyAdd {
  XPUQ_AVX2_INLINE static __m256i dot(__m256i acc, __m256i a, __m256i b) {
    return _mm256_add_epi32(acc, _mm256_madd_epi16(a, b));
  }
};
struct Vnni {
  XPUQ_AVX2_INLINE static __m256i dot(__m256i acc, __m256i a, __m256i b) {
    // Spelled out, because a function for AVX-VNNI could not be inlined into the kernel below.
    asm("%{vex%} vpdpwssd %2, %1, %0" : "+x"(acc) : "x"(a), "xm"(b));
    return acc;
  }
};

template <class Product, int kPixels>
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
        acc[p][0] = Product::dot(acc[p][0], b, w0);
        acc[p][1] = Product::dot(acc[p][1], b, w1);
      }
    }
  }
#pragma GCC unroll 6
  for (int p = 0; p < kPixels; ++p) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(tile.acc + 16 * p), acc[p][0]);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(tile.acc + 16 * p + 8), acc[p][1]);
  }
}

template <class Product>
void run_tile(const Int8Tile& tile, int pixels) {
  switch (pixels) {
    case 1: return tile_kernel<Product, 1>(tile);
    case 2: return tile_kernel<Product, 2>(tile);
    case 3: return tile_kernel<Product, 3>(tile);
    case 4: return tile_kernel<Product, 4>(tile);
    case 5: return tile_kernel<Product, 5>(tile);
    default: return tile_kernel<Product, 6>(tile);
  }
}

}  // namespace

void int8_tile_avx2(const Int8Tile& tile, int pixels) { run_tile<MultiplyAdd>(tile, pixels); }
void int8_tile_avx_vnni(const Int8Tile& tile, int pixels) { run_tile<Vnni>(tile, pixels); }
#endif

}  // namespace xpuq::cpu
