// Where the registers of a thread lie in one array of bytes.
#pragma once

#include <cstdint>

#include "xe/instruction.h"

namespace xpuq::xe {

/// Byte offsets. Vector code may read up to 32 elements from any operand's start, hence the room behind.
struct RegisterFile {
  static constexpr std::uint32_t general = 0;  ///< 256 registers of 32 or 64 bytes
  static constexpr std::uint32_t accumulator = 256 * 64;
  static constexpr std::uint32_t flag = accumulator + 1024;
  static constexpr std::uint32_t address = flag + 64;
  static constexpr std::uint32_t control = address + 64;
  static constexpr std::uint32_t state = control + 64;
  static constexpr std::uint32_t channel_enable = state + 128;
  static constexpr std::uint32_t timestamp = channel_enable + 64;
  static constexpr std::uint32_t scalar = timestamp + 64;
  static constexpr std::uint32_t ip = scalar + 128;
  static constexpr std::uint32_t notification = ip + 64;
  static constexpr std::uint32_t zero = notification + 64;  ///< the null register as a source
  static constexpr std::uint32_t end = zero + 2048;
  static constexpr std::uint32_t total = end + 8192;
};

/// First byte and size of a register file; size 0 for files that are not emulated.
struct FileRange {
  std::uint32_t base = 0;
  std::uint32_t bytes = 0;
  std::uint32_t stride = 0;  ///< from register to register
};
constexpr FileRange range_of(File file, int register_bytes) {
  const auto grf = static_cast<std::uint32_t>(register_bytes);
  switch (file) {
    case File::general: return {RegisterFile::general, 256 * grf, grf};
    case File::accumulator: return {RegisterFile::accumulator, 16 * grf, grf};
    case File::flag: return {RegisterFile::flag, 16, 4};
    case File::address: return {RegisterFile::address, 32, 32};
    case File::control: return {RegisterFile::control, 64, 64};
    case File::state: return {RegisterFile::state, 128, 64};
    case File::channel_enable: return {RegisterFile::channel_enable, 64, 64};
    case File::timestamp: return {RegisterFile::timestamp, 64, 64};
    case File::scalar: return {RegisterFile::scalar, 128, 64};
    case File::ip: return {RegisterFile::ip, 64, 64};
    case File::notification: return {RegisterFile::notification, 64, 64};
    case File::null: return {RegisterFile::zero, 2048, 0};
    default: return {};
  }
}

}  // namespace xpuq::xe
