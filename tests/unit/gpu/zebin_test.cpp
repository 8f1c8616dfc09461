#include <random>

#include "fixture_program.h"
#include "gpu/zebin.h"

namespace xpuq::gpu {

TEST_CASE("every recorded module tells its kernels and their arguments") {
  for (const auto& module : a770().modules) {
    const auto kernels = read_signatures(module, "m");
    REQUIRE(kernels.ok());
    for (const KernelSignature& k : *kernels) {
      CHECK(!k.name.empty());
      CHECK(!k.arguments.empty());
    }
  }
}

TEST_CASE("damaged modules are refused or read, never worse") {
  std::mt19937 random(3);
  const auto& module = a770().modules[0];
  for (int i = 0; i < 400; ++i) {
    std::vector<std::uint8_t> broken = module;
    if (i < 100) broken.resize(module.size() * static_cast<std::size_t>(i) / 100);
    else broken[random() % (i < 250 ? 64 : broken.size())] ^= static_cast<std::uint8_t>(1u << random() % 8);
    if (const auto kernels = read_signatures(broken, "m"); !kernels.ok()) CHECK(kernels.error().code == "E502");
    if (const auto stripped = without_source(broken, "m"); stripped.ok()) CHECK(stripped->size() <= broken.size());
  }
}

TEST_CASE("section names that never end take no time") {
  // Names that begin in one long text without a zero.
  std::vector<std::uint8_t> module = module_of("kernels:\n");
  constexpr std::uint16_t kSections = 60'000;
  const auto put = [&](std::size_t at, auto value) { std::memcpy(module.data() + at, &value, sizeof value); };
  const std::vector<std::uint8_t> text(std::size_t{32} << 20, 'x');
  const std::uint64_t text_at = module.size(), table = text_at + text.size();
  module.insert(module.end(), text.begin(), text.end());
  module.resize(table + std::size_t{kSections} * 64);
  for (std::size_t i = 0; i < kSections; ++i) put(table + i * 64 + 4, std::uint32_t{1});
  put(table + 0x18, text_at);
  put(table + 0x20, static_cast<std::uint64_t>(text.size()));
  put(0x28, table);
  put(0x3C, kSections);
  put(0x3E, std::uint16_t{0});
  CHECK(!read_signatures(module, "m").ok());
}

TEST_CASE("a module loses its source and keeps everything else") {
  // A module of ours with a section .spv put at its end.
  const auto& module = a770().modules[0];
  const auto before = read_signatures(module, "m");
  REQUIRE(before.ok());
  CHECK(*without_source(module, "m") == module);  // there is none
}

}  // namespace xpuq::gpu
