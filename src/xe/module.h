// A native GPU module: kernels, decoded and prepared for execution. The bytes come from a file and are hostile: every
// offset is checked, and what cannot be executed is an error when a kernel reaches it, never a guess.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xe/platform.h"
#include "xe/ze_info.h"
#include "xpuq/result.h"

namespace xpuq::xe {

struct PreparedCode;  // prepare.h

/// Contents of a module's variables: constants, and globals that kernels may change.
struct ModuleData {
  std::vector<std::uint8_t> constants;
  std::vector<std::uint8_t> globals;
};

struct Kernel {
  KernelInfo info;
  Platform platform = Platform::dg2;
  std::string module;  ///< who, for messages
  std::shared_ptr<const PreparedCode> code;
  std::shared_ptr<const ModuleData> data;
  std::string unsupported;  ///< why it cannot be launched; empty: it can
  std::size_t code_bytes = 0;
};

struct Module {
  Platform platform = Platform::dg2;
  std::vector<Kernel> kernels;

  const Kernel* find(std::string_view name) const;
};

/// Reads a zebin for one product. `who` names the module in messages. Error E620: not readable, or made for another
/// core family.
Result<Module> load_module(std::span<const std::uint8_t> zebin, Platform platform, const std::string& who);

}  // namespace xpuq::xe
