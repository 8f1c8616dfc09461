// What a thread finds in its registers and in argument memory when it starts. Internal.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xe/machine.h"
#include "xe/thread.h"

namespace xpuq::xe {

/// Device address of the argument block; below 4 GiB, as its messages want.
inline constexpr std::uint64_t kArgumentBlock = 0x10000;

struct Payload {
  std::vector<std::uint8_t> inline_data;  ///< arrives in a register
  std::vector<std::uint8_t> memory;       ///< the rest, at kArgumentBlock
  std::uint64_t local_bytes = 0;          ///< shared local memory of a group
};

struct PayloadInputs {
  const KernelInfo& info;
  const LaunchShape& shape;
  std::span<const LaunchArgument> arguments;
  std::uint64_t constants = 0, globals = 0, private_memory = 0;
};

/// Error E624: an argument is missing, or of another kind.
Result<Payload> build_payload(const PayloadInputs& in, const std::string& who);

/// Registers of thread `number` of a group.
void start_thread(Thread& t, const KernelInfo& info, const LaunchShape& shape, const Payload& payload,
                  const std::array<std::uint32_t, 3>& group, int number, int threads, std::uint8_t poison);

}  // namespace xpuq::xe
