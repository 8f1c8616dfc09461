// One register of sixteen channels a pixel; vpdpwssd multiplies 32 pairs and adds them up. Eight pixels hide its latency
// and leave their pointers in registers; a broadcast is an operand in memory.
#include "runtime/cpu/int8_tile.h"
#include "runtime/cpu/isa.h"

#if XPUQ_X86
#include <immintrin.h>
#endif

namespace xpuq::cpu {

#if XPUQ_X86
namespace {

template <int kPixels>
__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))) void tile_kernel(const Int8Tile& tile) {
  __m512i acc[kPixels];
  const std::int16_t* x[kPixels];
#pragma GCC unroll 8
  for (int p = 0; p < kPixels; ++p) {
    acc[p] = _mm512_setzero_si512();
    x[p] = tile.pixels[p];
  }
  const std::int16_t* w = tile.weights;
  const std::byte* ahead = tile.ahead;
  for (std::int32_t r = 0; r < tile.runs; ++r) {
    const std::int64_t end = tile.offsets[r] + 2 * static_cast<std::int64_t>(tile.pairs);
    for (std::int64_t i = tile.offsets[r]; i < end; i += 2, w += 32) {
      _mm_prefetch(ahead, _MM_HINT_T0);
      ahead += tile.ahead_step;
      const __m512i weights = _mm512_load_si512(w);
#pragma GCC unroll 8
      for (int p = 0; p < kPixels; ++p) {
        int pair;
        __builtin_memcpy(&pair, x[p] + i, sizeof pair);
        acc[p] = _mm512_dpwssd_epi32(acc[p], weights, _mm512_set1_epi32(pair));
      }
    }
  }
#pragma GCC unroll 8
  for (int p = 0; p < kPixels; ++p) _mm512_storeu_si512(tile.acc + 16 * p, acc[p]);
}

}  // namespace

void int8_tile_avx512_vnni(const Int8Tile& tile, int pixels) {
  switch (pixels) {
    case 1: return tile_kernel<1>(tile);
    case 2: return tile_kernel<2>(tile);
    case 3: return tile_kernel<3>(tile);
    case 4: return tile_kernel<4>(tile);
    case 5: return tile_kernel<5>(tile);
    case 6: return tile_kernel<6>(tile);
    case 7: return tile_kernel<7>(tile);
    default: return tile_kernel<8>(tile);
  }
}
#endif

}  // namespace xpuq::cpu
