// The inner kernel of int8 convolution and GEMM: some pixels times sixteen output channels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xpuq::cpu {

/// Most pixels of any form.
inline constexpr int kMostTilePixels = 8;

/// acc[p][c] = sum over runs r, k < 2 * pairs of pixels[p][offsets[r] + k] * w[r][k][c], exactly, in s32.
/// Weights are packed [run][pair][16 channels][2].
struct Int8Tile {
  const std::int16_t* pixels[kMostTilePixels];
  const std::int32_t* offsets;  ///< in elements
  std::int32_t runs;
  std::int32_t pairs;
  const std::int16_t* weights;
  std::int32_t* acc;  ///< [pixels][16]
  /// What the next call but a few will read: a line is fetched every pair, `ahead_step` bytes further each time. Weights
  /// come from memory faster than this kernel eats them, but only when asked for in time.
  const std::byte* ahead;
  std::int64_t ahead_step;

  /// Fetches all of `weights` in the course of `calls` calls, of which this is number `call`.
  void fetch_ahead(const std::int16_t* next, std::int64_t call, std::int64_t calls) {
    ahead_step = (kLineBytes + calls - 1) / calls;
    ahead = reinterpret_cast<const std::byte*>(next) + call * ahead_step * runs * pairs;
  }
  static constexpr std::int64_t kLineBytes = 64;  ///< of weights for a pair
};

/// A form of the kernel, and how many pixels it takes at most: as many as accumulators fit into registers.
struct Int8TileKernel {
  void (*run)(const Int8Tile& tile, int pixels);
  int pixels;
};

/// The fastest form that this CPU has.
const Int8TileKernel& choose_int8_tile();
/// All that it has, the plain loops first.
std::vector<Int8TileKernel> int8_tile_kernels();

void int8_tile_scalar(const Int8Tile& tile, int pixels);
void int8_tile_avx2(const Int8Tile& tile, int pixels);         ///< 6: two registers a pixel, 16 exact products a vpmaddwd
void int8_tile_avx_vnni(const Int8Tile& tile, int pixels);     ///< 6: the same with vpdpwssd, which also adds
void int8_tile_avx512_vnni(const Int8Tile& tile, int pixels);  ///< 8: one register a pixel, 32 products a vpdpwssd

}  // namespace xpuq::cpu
