// The vector kernels against their scalar forms, and the algorithms of int8 convolution against the plain sum.
#include <omp.h>

#include <cstring>
#include <limits>
#include <random>

#include "catch.h"
#include "runtime/cpu/aligned.h"
#include "runtime/cpu/int8_conv.h"
#include "runtime/cpu/int8_tile.h"
#include "runtime/cpu/int8_winograd.h"
#include "runtime/cpu/isa.h"

using namespace xpuq::cpu;

namespace {

std::mt19937 random_engine(7);
int integer(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_engine); }

}  // namespace

TEST_CASE("runtime: every form of the int8 tile gives what the plain loops give") {
  constexpr int kRuns = 3, kPairs = 9;
  AlignedVector<std::int16_t> weights(kRuns * kPairs * 32), pixels(400);
  for (auto& w : weights) w = static_cast<std::int16_t>(integer(-6272, 6272));
  for (auto& x : pixels) x = static_cast<std::int16_t>(integer(-25500, 25500));
  const std::int32_t offsets[kRuns] = {0, 50, 101};
  for (const Int8TileKernel& kernel : int8_tile_kernels()) {
    for (int count = 1; count <= kernel.pixels; ++count) {
      std::int32_t a[16 * kMostTilePixels] = {}, b[16 * kMostTilePixels] = {};
      Int8Tile tile{};
      tile.offsets = offsets;
      tile.runs = kRuns;
      tile.pairs = kPairs;
      tile.weights = weights.data();
      tile.acc = a;
      for (int p = 0; p < count; ++p) tile.pixels[p] = pixels.data() + 7 * p;
      kernel.run(tile, count);
      tile.acc = b;
      int8_tile_scalar(tile, count);
      CHECK(std::equal(a, a + 16 * kMostTilePixels, b));
    }
  }
}

TEST_CASE("runtime: epilogue, AVX2 equals scalar") {
  if (!has_avx2()) return;
  using Kind = EpilogueOp::Kind;
  const std::vector<std::vector<EpilogueOp>> lists{
      {}, {{Kind::relu}}, {{Kind::sum}}, {{Kind::sum}, {Kind::relu}}, {{Kind::clip, -1, 2}}, {{Kind::hardswish}},
      {{Kind::leaky_relu, -0.1f}}, {{Kind::hardsigmoid, 0.2f, 0.5f}, {Kind::sum}}};
  for (const auto& ops : lists) {
    for (int form = 0; form < 6; ++form) {
      Epilogue e;
      for (int i = 0; i < 32; ++i) {
        e.scales.push_back(static_cast<float>(integer(1, 1000)) * 1e-6f);
        e.biases.push_back(static_cast<float>(integer(-100, 100)) * 0.01f);
      }
      e.ops = ops;
      e.quantized = form % 2 == 0;
      e.other_quantized = form % 3 != 0;
      e.inverse_scale = form == 4 ? 1e30f : 17.3f;
      e.zero_point = -5;
      e.other_scale = 0.03f;
      e.other_zero_point = 100;
      e.prepare();
      std::int32_t acc[3 * 16];
      for (auto& v : acc) v = integer(-2000000, 2000000);
      std::byte other[3 * 64];
      for (int i = 0; i < 48; ++i) {
        const float f = i == 5 ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(integer(-9, 9));
        std::memcpy(other + 4 * i, &f, 4);
      }
      for (int channels : {16, 11}) {
        std::byte a[3 * 64] = {}, b[3 * 64] = {};
        EpilogueTile tile{acc, 3, channels, 3, a, 16 * e.dst_bytes(), other, 16 * e.other_bytes()};
        choose_epilogue(e)(e, tile);
        tile.dst = b;
        epilogue_scalar(e, tile);
        CHECK(std::memcmp(a, b, sizeof a) == 0);
      }
    }
  }
}

TEST_CASE("runtime: Winograd equals direct convolution at the limits of its numbers") {
  // Small enough that threads share the transforms, and so large that each has groups of its own, across images.
  const std::int64_t images = GENERATE(1, 9);
  const ConvShape shape{images, 512, 9, 11, 48, 9, 11, 3, 3, 1, 1, 1, 1, 1, 1, 1};
  std::vector<std::int8_t> weights(48 * 512 * 9);
  std::vector<std::uint8_t> src(images * 512 * 99);
  for (int form = 0; form < 4; ++form) {
    // All at one limit, all at either limit, anywhere.
    const auto number = [&](int low, int high, int limit) {
      return form == 0 ? limit : form == 1 ? (integer(0, 1) == 0 ? low : high) : integer(low, high);
    };
    for (auto& w : weights) w = static_cast<std::int8_t>(number(-128, 127, -128));
    for (auto& x : src) x = static_cast<std::uint8_t>(number(0, 255, 255));
    Epilogue e;
    e.scales.assign(64, 1.0f);
    e.biases.assign(64, 0.0f);
    e.quantized = false;
    e.prepare();
    std::vector<float> results[3];
    for (int algorithm = 0; algorithm < 3; ++algorithm) {
      const auto conv = algorithm ? make_int8_winograd_conv(shape, 2 * algorithm, weights.data(), 0, e, 2)
                                  : make_int8_direct_conv(shape, weights.data(), 0, e, 2);
      AlignedVector<std::byte> scratch(conv->scratch_bytes());
      results[algorithm].assign(images * 48 * 99, -1.0f);
      conv->run({src.data(), reinterpret_cast<std::byte*>(results[algorithm].data()), nullptr, scratch.data()});
    }
    CHECK(results[0] == results[1]);
    CHECK(results[0] == results[2]);
    CHECK(results[0] != std::vector<float>(images * 48 * 99, -1.0f));
  }
}
