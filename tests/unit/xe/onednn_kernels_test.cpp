// Kernels that oneDNN's code generators made, against plain loops that know nothing of them. The launches are those that
// oneDNN submitted; fixtures/xe/README.md says how they were recorded.
#include "catch.h"

#include "fixture.h"
#include "opencl_cases.h"

using namespace xpuq::xe;
using namespace xe_test;

namespace {

std::int8_t to_s8(float v) { return static_cast<std::int8_t>(std::clamp(std::nearbyint(v), -128.f, 127.f)); }

std::vector<std::int8_t> some_bytes(std::size_t n, unsigned seed, int lowest) {
  std::mt19937 rng(seed);
  std::vector<std::int8_t> v(n);
  for (auto& x : v) x = static_cast<std::int8_t>(lowest + static_cast<int>(rng() % static_cast<unsigned>(128 - lowest)));
  return v;
}
std::vector<float> some_floats(std::size_t n, unsigned seed, float low, float high) {
  std::mt19937 rng(seed);
  std::vector<float> v(n);
  for (auto& x : v) x = low + (high - low) * static_cast<float>(rng() >> 8) / static_cast<float>(1 << 24);
  return v;
}

/// A launch of the only kernel of a module; the test fails with the emulator's message.
void launch(Machine& machine, const char* product, const std::string& name, const LaunchShape& shape, const std::vector<LaunchArgument>& arguments,
            const Limits& limits) {
  const Module module = module_of(product, name);
  const auto counts = machine.launch(module.kernels.at(0), shape, arguments, limits);
  if (!counts) FAIL(counts.error().text());
  CHECK(counts->reads_past_end == 0);
}

std::vector<Limits> orders() {
  Limits one;
  one.host_threads = 1;
  Limits backwards = one;
  backwards.reverse_threads = true;
  Limits clean;
  clean.poison = 0;
  Limits checked;
  checked.checks = true;
  return {one, backwards, clean, checked};
}

// 1x1, 64 to 64 channels, 14x14, channels last; zero points on both sides, a scale per output channel, bias, relu.
void convolution(const char* product, const Limits& limits) {
  constexpr int channels = 64, pixels = 14 * 14;
  constexpr int source_zero = -9, destination_zero = 4;
  const auto x = some_bytes(channels * pixels, 1, -128), w = some_bytes(channels * channels, 2, -127);
  const auto weight_scales = some_floats(channels, 3, 0.004f, 0.02f), bias = some_floats(channels, 4, -2, 2);
  const float source_scale = 0.0173f;
  std::vector<float> real(channels * pixels);
  float most = 0;
  for (int p = 0; p < pixels; ++p) {
    for (int o = 0; o < channels; ++o) {
      int sum = 0;
      for (int i = 0; i < channels; ++i) sum += (x[static_cast<std::size_t>(p * channels + i)] - source_zero) * w[static_cast<std::size_t>(o * channels + i)];
      float v = static_cast<float>(sum) * source_scale * weight_scales[static_cast<std::size_t>(o)] + bias[static_cast<std::size_t>(o)];
      if (v < 0) v = 0;
      real[static_cast<std::size_t>(p * channels + o)] = v;
      most = std::max(most, v);
    }
  }
  const float destination_scale = most / 140;  // the largest saturate
  std::vector<std::int8_t> want(real.size());
  for (std::size_t i = 0; i < want.size(); ++i) want[i] = to_s8(real[i] * (1.f / destination_scale) + static_cast<float>(destination_zero));

  const Module none{};
  Bench b(none);
  const auto source = b.upload(x), plain = b.upload(w), biases = b.upload(bias), scales = b.upload(weight_scales);
  const auto packed = b.memory.allocate(64 * 64 + 1024, "packed weights").value(), scratch = b.memory.allocate(8192, "scratch").value();
  const auto out = b.upload(std::vector<std::int8_t>(want.size()));
  const auto sz = b.upload(std::vector<std::int32_t>{source_zero}), dz = b.upload(std::vector<std::int32_t>{destination_zero});
  const auto ss = b.upload(std::vector<float>{source_scale}), ds = b.upload(std::vector<float>{destination_scale});
  const std::uint8_t one = 1;
  (void)b.memory.fill(scratch, 64, {&one, 1}).ok();
  // Behind the packed weights lies what the source's zero point costs: a convolution of ones.
  if (std::string(product) == "dg2") {
    launch(b.machine, product, "conv-pack", {{32, 1, 1}, {4, 1, 1}}, {at(plain), at(packed)}, limits);
    launch(b.machine, product, "conv-compensate", {{64, 1, 1}, {1, 1, 1}}, {at(scratch), at(packed), at(packed)}, limits);
  } else {
    launch(b.machine, product, "conv-pack", {{32, 1, 1}, {2, 4, 1}}, {at(plain), at(packed)}, limits);
    launch(b.machine, product, "conv-unpack", {{32, 1, 1}, {4, 1, 1}}, {at(packed), at(scratch + 256)}, limits);
    launch(b.machine, product, "conv-compensate", {{16, 1, 1}, {2, 1, 1}}, {at(scratch), at(scratch + 256), at(packed)}, limits);
  }
  const LaunchShape shape = std::string(product) == "dg2" ? LaunchShape{{64, 4, 1}, {1, 4, 1}} : LaunchShape{{64, 8, 1}, {1, 4, 1}};
  launch(b.machine, product, "conv", shape, {at(source), at(packed), at(biases), at(out), at(sz), at(dz), at(ss), at(scales), at(ds)}, limits);
  CHECK(differs(b.download<std::int8_t>(out, want.size()), want) == "");
}

// float, 1x3x32x32, plain -> s8, channels last.
void quantize(const char* product, std::uint32_t groups, const Limits& limits) {
  constexpr std::size_t channels = 3, pixels = 32 * 32;
  const auto x = some_floats(channels * pixels, 5, -3, 3);
  const float scale = 0.02345f;
  const std::int32_t zero = 5;
  std::vector<std::int8_t> want(x.size());
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t p = 0; p < pixels; ++p) want[p * channels + c] = to_s8(x[c * pixels + p] * (1.f / scale) + static_cast<float>(zero));
  }
  const Module none{};
  Bench b(none);
  const auto source = b.upload(x), out = b.upload(std::vector<std::int8_t>(x.size()));
  const auto s = b.upload(std::vector<float>{scale}), z = b.upload(std::vector<std::int32_t>{zero});
  launch(b.machine, product, "quantize", {{32, 1, 1}, {groups, 1, 1}}, {at(source), at(out), at(z), at(s)}, limits);
  CHECK(differs(b.download<std::int8_t>(out, want.size()), want) == "");
}

struct Product {
  std::string name;
  std::uint32_t rows, depth, columns;
  std::uint32_t packed_columns;
  bool weights_by_column;
  bool adds;                ///< to what the output holds
  LaunchShape pack, run;
  std::vector<LaunchArgument> more;  ///< behind the source's zero point
  bool local;
};

// s8 times s8, to float; source zero point, a scale per column, bias.
void matmul(const Product& p, const Limits& limits) {
  const std::size_t rows = p.rows, depth = p.depth, columns = p.columns;
  const auto x = some_bytes(rows * depth, 6, -128), w = some_bytes(depth * columns, 7, -127);
  const auto weight_scales = some_floats(columns, 8, 0.004f, 0.02f), bias = some_floats(columns, 9, -2, 2), before = some_floats(rows * columns, 10, -50, 50);
  const float source_scale = 0.0173f;
  const std::int32_t zero = 11;
  std::vector<float> want(rows * columns);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t n = 0; n < columns; ++n) {
      int sum = 0;
      for (std::size_t k = 0; k < depth; ++k) sum += (x[r * depth + k] - zero) * w[p.weights_by_column ? n * depth + k : k * columns + n];
      const float v = static_cast<float>(sum) * source_scale * weight_scales[n];
      want[r * columns + n] = p.adds ? v + bias[n] + before[r * columns + n] : v + bias[n];
    }
  }
  const Module none{};
  Bench b(none);
  const auto source = b.upload(x), plain = b.upload(w), scales = b.upload(weight_scales), biases = b.upload(bias), out = b.upload(before);
  const std::size_t packed_bytes = (depth * p.packed_columns + 8191) / 8192 * 8192;
  const auto packed = b.memory.allocate(packed_bytes, "packed weights").value();
  const std::uint8_t clear = 0;
  (void)b.memory.fill(packed, packed_bytes, {&clear, 1}).ok();
  const auto ss = b.upload(std::vector<float>{source_scale}), z = b.upload(std::vector<std::int32_t>{zero});
  launch(b.machine, "bmg", p.name + "-pack", p.pack, {at(plain), at(packed)}, limits);
  const auto word = [](std::uint32_t v) { return number(v); };
  const auto long_zero = number(std::uint64_t{0});
  std::vector<LaunchArgument> arguments{at(packed), at(source), at(out), long_zero, long_zero, long_zero, word(p.packed_columns), word(p.depth), word(p.columns),
                                        word(p.columns), word(p.rows), word(p.depth), word(0x3f800000), word(p.adds ? 0x3f800000 : 0), at(z)};
  arguments.insert(arguments.end(), p.more.begin(), p.more.end());
  arguments.insert(arguments.end(), {at(ss), long_zero, at(scales), long_zero, at(biases), long_zero});
  if (p.local) arguments.push_back(LaunchArgument::local(1));
  launch(b.machine, "bmg", p.name, p.run, arguments, limits);
  CHECK(differs(b.download<float>(out, want.size()), want) == "");
}

}  // namespace

TEST_CASE("oneDNN's int8 convolution equals plain loops") {
  for (const Limits& limits : orders()) {
    convolution("dg2", limits);
    convolution("bmg", limits);
  }
}

TEST_CASE("oneDNN's quantizing reorder equals plain loops") {
  for (const Limits& limits : orders()) {
    quantize("dg2", 8, limits);
    quantize("bmg", 4, limits);
  }
}

TEST_CASE("oneDNN's int8 matmul equals plain loops") {
  const auto word = [](std::uint32_t v) { return number(v); };
  for (const Limits& limits : orders()) {
    matmul({"matmul", 48, 320, 96, 128, false, false, {{32, 1, 1}, {10, 1, 1}}, {{32, 4, 1}, {2, 1, 1}}, {word(0), word(0x180)}, true}, limits);
  }
}

TEST_CASE("oneDNN's int8 matmul with named barriers equals plain loops") {
  // Half of a group's 32 threads meets at barrier 1, the other half at barrier 2.
  const auto word = [](std::uint32_t v) { return number(v); };
  for (const Limits& limits : orders()) {
    matmul({"matmul-deep", 70, 768, 192, 192, true, true, {{32, 1, 1}, {12, 6, 1}}, {{32, 16, 1}, {3, 2, 1}}, {word(0)}, false}, limits);
  }
}
