// Modules that nobody's compiler made: every way must end in an error or in a run inside the limits.
#include "catch.h"

#include "fixture.h"
#include "opencl_cases.h"

using namespace xpuq;
using namespace xpuq::xe;
using namespace xe_test;

namespace {

/// Loads, and runs every kernel with small buffers. Returns how many kernels ran to their end.
int try_module(const std::vector<std::uint8_t>& bytes, Platform platform) {
  const auto module = load_module(bytes, platform, "hostile");
  if (!module) {
    CHECK(module.error().code == "E620");
    return 0;
  }
  int ran = 0;
  for (const Kernel& k : module->kernels) {
    MemoryOptions options;
    options.limit_bytes = 64 << 20;
    Memory memory(options);
    Machine machine(memory);
    std::vector<LaunchArgument> arguments(static_cast<std::size_t>(std::min(k.info.argument_count, 64)));
    for (const PayloadArgument& a : k.info.arguments) {
      if (a.index < 0 || static_cast<std::size_t>(a.index) >= arguments.size()) continue;
      LaunchArgument& to = arguments[static_cast<std::size_t>(a.index)];
      if (a.kind == ArgumentKind::value) to = LaunchArgument::of_bytes(std::vector<std::uint8_t>(a.source_offset + a.size, 3));
      else if (a.kind == ArgumentKind::pointer && a.mode == AddressMode::local) to = LaunchArgument::local(256);
      else if (a.kind == ArgumentKind::pointer && to.kind == LaunchArgument::Kind::null) to = LaunchArgument::buffer(memory.allocate(4096, "x").value());
    }
    LaunchShape shape{{16, 1, 1}, {2, 1, 1}};
    for (std::size_t d = 0; d < 3; ++d) {
      if (k.info.required_group[d] != 0) shape.group_size[d] = std::min(k.info.required_group[d], 64u);
    }
    Limits limits;
    limits.instructions = 20000;
    limits.host_threads = 1;
    const auto counts = machine.launch(k, shape, arguments, limits);
    if (counts) ++ran;
    else CHECK(counts.error().code.substr(0, 3) == "E62");
  }
  return ran;
}

}  // namespace

TEST_CASE("truncated modules are refused") {
  const auto bytes = fixture("dg2/conv.bin");
  REQUIRE(bytes.size() > 4000);
  for (std::size_t n = 0; n < bytes.size(); n += n < 128 ? 1 : 97) {
    const auto module = load_module({bytes.data(), n}, Platform::dg2, "cut");
    CHECK_FALSE(module.ok());
  }
}

TEST_CASE("a module is refused for a product of another family") {
  CHECK(load_module(fixture("dg2/conv.bin"), Platform::mtl, "x").ok());  // the same family
  for (Platform p : {Platform::pvc, Platform::bmg, Platform::lnl, Platform::ptl}) {
    const auto module = load_module(fixture("dg2/conv.bin"), p, "x");
    REQUIRE_FALSE(module.ok());
    CHECK(module.error().what.find("not made for") != std::string::npos);
  }
}

TEST_CASE("flipped bits end in errors or inside the limits") {
  std::mt19937 rng(11);
  const int rounds = std::getenv("XPUQ_XE_FUZZ") ? std::atoi(std::getenv("XPUQ_XE_FUZZ")) : 150;
  for (const auto& [product, name] : {std::pair{"dg2", "dg2/conv.bin"}, std::pair{"bmg", "bmg/conv.bin"}, std::pair{"dg2", "dg2/kernels.bin"},
                                      std::pair{"ptl", "ptl/kernels.bin"}, std::pair{"bmg", "bmg/matmul.bin"}}) {
    const auto whole = fixture(name);
    for (int k = 0; k < (whole.size() > 50000 ? rounds / 5 : rounds); ++k) {
      auto bytes = whole;
      const int flips = 1 + static_cast<int>(rng() % 12);
      for (int f = 0; f < flips; ++f) bytes[rng() % bytes.size()] ^= static_cast<std::uint8_t>(1u << rng() % 8);
      try_module(bytes, *platform_named(product));
    }
  }
}

TEST_CASE("random code ends in errors or inside the limits") {
  std::mt19937_64 rng(13);
  auto bytes = fixture("bmg/conv-pack.bin");
  const auto zebin = load_module(bytes, Platform::bmg, "x");
  REQUIRE(zebin.ok());
  // Code lies somewhere behind the headers; opcodes that exist, everything else random.
  const std::uint8_t opcodes[] = {0x61, 0x40, 0x41, 0x31, 0x20, 0x2e, 0x2f, 0x22, 0x24, 0x25, 0x5b, 0x59, 0x70, 0x62, 0x38, 0x27, 0x28, 0x2c, 0x2d, 0x01};
  const int rounds = std::getenv("XPUQ_XE_FUZZ") ? std::atoi(std::getenv("XPUQ_XE_FUZZ")) : 150;
  for (int k = 0; k < rounds; ++k) {
    auto changed = bytes;
    const std::size_t code = zebin->kernels[0].code_bytes;
    for (std::size_t at = changed.size() - code - 600; at + 16 <= changed.size() - 600; at += 16) {
      if (rng() % 3) continue;
      const std::uint64_t low = (rng() & ~(std::uint64_t{1} << 29) & ~std::uint64_t{0x7f}) | opcodes[rng() % sizeof opcodes], high = rng();
      std::memcpy(&changed[at], &low, 8);
      std::memcpy(&changed[at + 8], &high, 8);
    }
    try_module(changed, Platform::bmg);
  }
}

TEST_CASE("bad .ze_info is refused") {
  for (const char* text : {"kernels:\n  - name: x\n", "kernels:\n  - name: x\n    execution_env:\n      simd_size: 17\n",
                           "kernels:\n  - name: x\n    execution_env:\n      simd_size: 16\n    payload_arguments:\n      - arg_type: local_size\n        offset: 99999999999\n        size: 4\n",
                           "kernels:\n  - execution_env:\n      simd_size: 16\n", "a: b\n  c: d\n", "x\n", "- a\nb: c\n"}) {
    const auto info = read_ze_info(text, "x");
    INFO(text);
    CHECK_FALSE(info.ok());
  }
  std::string deep;
  for (int k = 0; k < 200; ++k) deep += std::string(static_cast<std::size_t>(k), ' ') + "a:\n";
  CHECK_FALSE(read_ze_info(deep, "x").ok());
  CHECK(read_ze_info("", "x").ok());
}

TEST_CASE("what a launch may not do is said") {
  const Module module = module_of("dg2", "kernels");
  Bench b(module);
  const auto data = b.upload(std::vector<std::uint32_t>(100, 27)), out = b.upload(std::vector<std::uint32_t>(100, 0));
  // An endless loop, or nearly: the limit.
  b.limits.instructions = 500;
  CHECK_FALSE(b.run("collatz16", line(2, 50), {at(data), at(out), number(90)}));
  CHECK(b.error.find("E623") == 0);
  CHECK(b.error.find("limit of instructions") != std::string::npos);
  b.limits.instructions = 1'000'000;
  // Writes past the bytes of the argument, or where only reading is allowed.
  CHECK_FALSE(b.run("three", {{4, 3, 2}, {3, 2, 2}}, {LaunchArgument::buffer(out, 100), number(12), number(6)}));
  CHECK(b.error.find("E622") == 0);
  CHECK_FALSE(b.run("three", {{4, 3, 2}, {1, 1, 1}}, {LaunchArgument::buffer(out, 400, true, false), number(4), number(3)}));
  CHECK(b.error.find("may only be read") != std::string::npos);
  // Arguments and shapes that do not fit.
  CHECK_FALSE(b.run("three", {{4, 3, 2}, {1, 1, 1}}, {at(out)}));
  CHECK(b.error.find("E624") == 0);
  CHECK_FALSE(b.run("three", {{4, 3, 2}, {1, 1, 1}}, {at(out), at(out), number(3)}));
  CHECK_FALSE(b.run("three", {{4096, 3, 2}, {1, 1, 1}}, {at(out), number(4), number(3)}));
  CHECK_FALSE(b.run("local_fixed", line(1, 32), {at(out), at(out)}));  // wants 64
  CHECK_FALSE(b.run("three", {{4, 3, 2}, {1, 1, 1}}, {at(0x1234), number(4), number(3)}));
  CHECK(b.error.find("not inside an allocation") != std::string::npos);
}

TEST_CASE("device memory has ends") {
  MemoryOptions options;
  options.limit_bytes = 1 << 20;
  Memory m(options);
  const auto a = m.allocate(1000, "a").value(), b = m.allocate(1 << 19, "b").value();
  CHECK(a % 4096 == 0);
  CHECK((b >> 32) + 1 == (b + (1 << 19)) >> 32);  // across a multiple of 4 GiB
  CHECK_FALSE(m.allocate(1 << 19, "c").ok());
  std::vector<std::uint8_t> bytes(1000, 7);
  CHECK(m.write(a, bytes).ok());
  CHECK_FALSE(m.write(a + 1, bytes).ok());
  CHECK_FALSE(m.write(a - 1, bytes).ok());
  CHECK_FALSE(m.read(~std::uint64_t{0}, bytes).ok());
  const std::vector<std::uint8_t> pattern = {1, 2, 3};
  CHECK(m.fill(a + 10, 7, pattern).ok());
  CHECK_FALSE(m.fill(a + 10, 1000, pattern).ok());
  CHECK(m.copy(a + 11, a + 10, 7).ok());
  std::vector<std::uint8_t> back(10);
  CHECK(m.read(a + 10, back).ok());
  CHECK(back == std::vector<std::uint8_t>{1, 1, 2, 3, 1, 2, 3, 1, 7, 7});
  CHECK(m.free(a).ok());
  CHECK_FALSE(m.free(a).ok());
  CHECK_FALSE(m.read(a, back).ok());
  CHECK(m.bytes_in_use() == 1 << 19);
}
