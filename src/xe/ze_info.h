// .ze_info: how a kernel wants to be started, as YAML. Source: "ZE info" of intel/intel-graphics-compiler
// (IGC/ZEBinWriter/zebin/spec/zeinfo.md).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "xpuq/result.h"

namespace xpuq::xe {

enum class ArgumentKind : std::uint8_t {
  pointer, value, local_size, group_count, global_size, global_offset, buffer_address, buffer_offset, work_dimensions,
  constant_base, global_base, private_base, printf_buffer, other,
};
enum class AddressMode : std::uint8_t { stateless, stateful, bindless, local, none };

/// Bytes of a kernel's payload.
struct PayloadArgument {
  ArgumentKind kind = ArgumentKind::other;
  std::string name;  ///< as written
  int index = -1;    ///< argument of the kernel; -1: implicit
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  std::uint32_t source_offset = 0;  ///< first byte of the argument's value (parts of a struct)
  AddressMode mode = AddressMode::none;
};

/// Numbers that surfaces of a module's variables have beside those of arguments.
inline constexpr int kConstantsIndex = 5000;
inline constexpr int kGlobalsIndex = 5001;

struct KernelInfo {
  std::string name;
  int simd = 0;
  int registers = 128;
  std::uint32_t skip = 0;           ///< bytes of code in front, which load local ids from memory
  std::uint32_t local_bytes = 0;    ///< shared local memory
  std::uint32_t inline_bytes = 0;   ///< payload bytes that arrive in a register
  std::uint32_t local_id_bytes = 0; ///< per thread
  std::uint32_t scratch_bytes = 0;  ///< per thread
  std::uint32_t private_bytes = 0;  ///< per work-item, in global memory
  int barriers = 0;
  std::array<std::uint32_t, 3> required_group{};  ///< 0: any
  std::array<int, 3> walk_order{0, 1, 2};
  std::vector<PayloadArgument> arguments;
  std::map<int, int> surfaces;      ///< binding table index -> argument
  int argument_count = 0;           ///< explicit ones
};

/// Error E620 for text that is no YAML of this kind, or numbers out of reason.
Result<std::vector<KernelInfo>> read_ze_info(std::string_view text, const std::string& who);

}  // namespace xpuq::xe
