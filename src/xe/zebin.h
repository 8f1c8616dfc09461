// The container of compiled kernels: an ELF file. Source: intel/intel-graphics-compiler, IGC/ZEBinWriter/zebin/spec/elf.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xpuq/result.h"

namespace xpuq::xe {

struct ZebinSection {
  std::string name;
  std::uint32_t type = 0;
  std::span<const std::uint8_t> bytes;  ///< of the module; empty for sections without contents
  std::uint64_t size = 0;
  std::uint32_t info = 0;               ///< of relocations: the section they change
};

struct ZebinRelocation {
  std::uint32_t section = 0;  ///< that it changes
  std::uint64_t offset = 0;
  std::uint32_t type = 0;
  std::string symbol;
  std::int64_t addend = 0;
};

struct Zebin {
  std::vector<ZebinSection> sections;
  std::vector<ZebinRelocation> relocations;
  std::uint32_t core_family = 0;  ///< from the "IntelGT" notes; 0: not said

  const ZebinSection* find(std::string_view name) const;
};

inline constexpr std::uint32_t kSectionZeInfo = 0xff000011;

/// Views into `bytes`, every offset checked. Error E620.
Result<Zebin> read_zebin(std::span<const std::uint8_t> bytes, const std::string& who);

}  // namespace xpuq::xe
