#include "xe/platform.h"

#include <array>

namespace xpuq::xe {
namespace {

// Core families: GFXCORE_FAMILY of the driver (intel/compute-runtime), as the offline compiler writes them.
constexpr std::array<PlatformTraits, 7> kTraits = {{
    {"dg2", Encoding::hpg, false, true, true, 32, 0x0c07},
    {"mtl", Encoding::hpg, false, false, true, 32, 0x0c07},
    {"arl-h", Encoding::hpg, false, true, true, 32, 0x0c07},
    {"pvc", Encoding::hpc, false, true, false, 64, 0x0c08},
    {"bmg", Encoding::xe2, false, true, false, 64, 0x0c09},
    {"lnl", Encoding::xe2, false, true, false, 64, 0x0c09},
    {"ptl", Encoding::xe2, true, true, false, 64, 0x1e00},
}};

}  // namespace

const PlatformTraits& traits_of(Platform platform) { return kTraits[static_cast<std::size_t>(platform)]; }

std::optional<Platform> platform_named(std::string_view name) {
  for (std::size_t i = 0; i < kTraits.size(); ++i) {
    if (name == kTraits[i].name) return static_cast<Platform>(i);
  }
  return std::nullopt;
}

const char* platform_names() { return "dg2, mtl, arl-h, pvc, bmg, lnl, ptl"; }

}  // namespace xpuq::xe
