#include "runtime/cpu/int8_tile.h"

#include <algorithm>

#include "runtime/cpu/epilogue.h"
#include "runtime/cpu/isa.h"

namespace xpuq::cpu {

std::vector<Int8TileKernel> int8_tile_kernels() {
  std::vector<Int8TileKernel> all{{int8_tile_scalar, 6}};
#if XPUQ_X86
  if (has_avx2()) all.push_back({int8_tile_avx2, 6});
  if (has_avx_vnni()) all.push_back({int8_tile_avx_vnni, 6});
  if (has_avx512_vnni()) all.push_back({int8_tile_avx512_vnni, 8});
#endif
  return all;
}

const Int8TileKernel& choose_int8_tile() {
  static const Int8TileKernel best = int8_tile_kernels().back();
  return best;
}

void int8_tile_scalar(const Int8Tile& tile, int pixels) {
  std::fill_n(tile.acc, pixels * kChannelBlock, 0);
  for (int p = 0; p < pixels; ++p) {
    const std::int16_t* w = tile.weights;
    auto* acc = reinterpret_cast<std::uint32_t*>(tile.acc + p * kChannelBlock);  // sums may wrap
    for (int r = 0; r < tile.runs; ++r) {
      const std::int16_t* x = tile.pixels[p] + tile.offsets[r];
      for (int k = 0; k < tile.pairs; ++k, x += 2, w += 2 * kChannelBlock) {
        for (int c = 0; c < kChannelBlock; ++c) acc[c] += static_cast<std::uint32_t>(x[0] * w[2 * c]) + static_cast<std::uint32_t>(x[1] * w[2 * c + 1]);
      }
    }
  }
}

}  // namespace xpuq::cpu
