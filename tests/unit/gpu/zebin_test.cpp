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

TEST_CASE("a module loses its source and keeps everything else") {
  // A module of ours with a section .spv put at its end.
  const auto& module = a770().modules[0];
  const auto before = read_signatures(module, "m");
  REQUIRE(before.ok());
  CHECK(*without_source(module, "m") == module);  // there is none
}

}  // namespace xpuq::gpu
