#include "runtime/cpu/int8_tile.h"

#include <algorithm>

#include "runtime/cpu/epilogue.h"
#include "runtime/cpu/isa.h"

namespace xpuq::cpu {

Int8TileFn choose_int8_tile() { return has_avx2() ? int8_tile_avx2 : int8_tile_scalar; }

void int8_tile_scalar(const Int8Tile& tile, int pixels) {
  std::fill_n(tile.acc, pixels * kChannelBlock, 0);
  for (int p = 0; p < pixels; ++p) {
    const std::int16_t* w = tile.weights;
    std::int32_t* acc = tile.acc + p * kChannelBlock;
    for (int r = 0; r < tile.runs; ++r) {
      const std::int16_t* x = tile.pixels[p] + tile.offsets[r];
      for (int k = 0; k < tile.pairs; ++k, x += 2, w += 2 * kChannelBlock) {
        for (int c = 0; c < kChannelBlock; ++c) acc[c] += x[0] * w[2 * c] + x[1] * w[2 * c + 1];
      }
    }
  }
}

}  // namespace xpuq::cpu
