// The parts whose machine code the emulator executes, and in what they differ.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace xpuq::xe {

/// Products by the name that Intel's offline compiler uses.
enum class Platform : std::uint8_t { dg2, mtl, arl_h, pvc, bmg, lnl, ptl };

/// Binary encodings of instructions: Xe-HPG, Xe-HPC, Xe2 (Xe3 encodes as Xe2).
enum class Encoding : std::uint8_t { hpg, hpc, xe2 };

struct PlatformTraits {
  const char* name;
  Encoding encoding;
  bool xe3;             ///< adds scalar registers as message addresses
  bool has_dpas;
  bool fused_threads;   ///< threads run in pairs (dpasw)
  int register_bytes;   ///< 32 or 64
  std::uint32_t core_family;  ///< in the "IntelGT" note of a module, type 2
};

const PlatformTraits& traits_of(Platform platform);
/// "dg2", "mtl", "arl-h", "pvc", "bmg", "lnl", "ptl".
std::optional<Platform> platform_named(std::string_view name);
/// "dg2, mtl, ...", for messages.
const char* platform_names();

}  // namespace xpuq::xe
