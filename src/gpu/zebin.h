// What the machine code of a program says about its kernels: how many arguments, of which kind. Read from the module
// (src/xe/zebin.h, ze_info.h), never guessed from values.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xpuq/result.h"

namespace xpuq::gpu {

enum class ArgumentKind : std::uint8_t { pointer, value, local };

struct KernelSignature {
  std::string name;
  std::vector<ArgumentKind> arguments;      ///< by argument number
  std::vector<std::uint32_t> value_bytes;   ///< of `value` arguments; 0 for the others
  std::uint32_t local_bytes = 0;            ///< shared local memory that the kernel itself declares
};

/// Kernels of a module. Any bytes may be given; E502 names `who` and what is wrong.
Result<std::vector<KernelSignature>> read_signatures(std::span<const std::uint8_t> module, const std::string& who);

/// The module without the section .spv: source that the driver would silently recompile for a device that the machine
/// code is not for.
Result<std::vector<std::uint8_t>> without_source(std::span<const std::uint8_t> module, const std::string& who);

}  // namespace xpuq::gpu
