// The emulated device: executes kernels of modules on the host's cores, bit for bit as far as the instruction set is
// published. See README.md in this folder for what is emulated and what is not.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "xe/memory.h"
#include "xe/module.h"
#include "xe/trace.h"
#include "xe/traffic.h"
#include "xpuq/result.h"

namespace xpuq::xe {

struct ScoreboardCode;

/// One argument of a kernel, in the kernel's order.
struct LaunchArgument {
  enum class Kind : std::uint8_t { buffer, null, value, local };
  Kind kind = Kind::null;
  std::uint64_t address = 0;        ///< buffer
  std::uint64_t bytes = 0;          ///< buffer: that the kernel may touch (0: to the allocation's end); local: size
  bool readable = true;
  bool writable = true;
  std::vector<std::uint8_t> value;  ///< little endian

  static LaunchArgument buffer(std::uint64_t address, std::uint64_t bytes = 0, bool readable = true, bool writable = true) {
    return {Kind::buffer, address, bytes, readable, writable, {}};
  }
  static LaunchArgument null() { return {}; }
  static LaunchArgument of_bytes(std::vector<std::uint8_t> value) { return {Kind::value, 0, 0, true, true, std::move(value)}; }
  static LaunchArgument local(std::uint64_t bytes) { return {Kind::local, 0, bytes, true, true, {}}; }
};

struct LaunchShape {
  std::array<std::uint32_t, 3> group_size{1, 1, 1};
  std::array<std::uint32_t, 3> group_count{1, 1, 1};
};

struct Limits {
  std::uint64_t instructions = std::uint64_t{1} << 40;  ///< of all threads of a launch together
  int host_threads = 0;            ///< 0: as many as the process may use
  std::uint8_t poison = kPoison;   ///< what registers and local memory hold that nobody wrote
  bool reverse_threads = false;    ///< threads of a group run in the other order
  bool drop_writes = false;        ///< writes behind a surface vanish, as on hardware, instead of being errors
  bool all_memory = false;         ///< a kernel may touch every allocation, not only its arguments
  Traffic* traffic = nullptr;      ///< told of every access to device memory; the launch then runs on one host thread
  bool checks = false;             ///< dependency annotations and races are looked at, on one host thread: E625
  Trace* trace = nullptr;          ///< what messages do is recorded here, or compared, on one host thread: E625
};

/// What the start of a thread counts as, in instructions, so that many empty groups come to an end, too. Local memory that a
/// group begins with costs an instruction for 64 bytes.
inline constexpr std::uint64_t kStartCost = 64;

struct LaunchCounts {
  std::vector<std::uint64_t> executed;  ///< times each instruction of the kernel ran, over all threads; what follows adds up
  std::uint64_t integer = 0, floating = 0, math = 0, systolic = 0, messages = 0, control = 0;  ///< instructions
  std::uint64_t multiply_adds = 0;    ///< inside dpas
  std::uint64_t bytes_read = 0;       ///< of device memory, as messages ask for them
  std::uint64_t bytes_written = 0;
  std::uint64_t local_bytes = 0;      ///< of shared local memory, read and written
  std::uint64_t reads_past_end = 0;   ///< reads that ran on behind a buffer, within kReadSlack
  std::uint64_t threads = 0;          ///< hardware threads started
  std::uint64_t charged = 0;          ///< taken off Limits::instructions: those and kStartCost for each thread

  std::uint64_t instructions() const { return integer + floating + math + systolic + messages + control; }
};

/// "kernel 'x', group 1,0,0, thread 3, instruction at byte 96", for messages. `step`: of the kernel's instructions.
std::string place_of(const Kernel& kernel, const std::array<std::uint32_t, 3>& group_count, std::uint64_t group, int thread, std::size_t step);

class Machine {
 public:
  /// `memory` must outlive the machine.
  explicit Machine(Memory& memory) : memory_(memory) {}

  /// Runs a kernel to its end. A thread whose groups use global atomics runs on one host thread, so that results do not
  /// depend on their order. Errors: E621 an instruction or message that is not emulated; E622 memory: outside the
  /// arguments, unaligned, none left; E623 the limit of instructions, or threads that wait for each other; E624 the
  /// arguments or the shape do not fit the kernel; E625 what a check found. They name kernel, group, thread and byte of the instruction.
  Result<LaunchCounts> launch(const Kernel& kernel, const LaunchShape& shape, std::span<const LaunchArgument> arguments,
                              const Limits& limits = {});

 private:
  struct DataAddresses {
    std::shared_ptr<const ModuleData> keep;
    std::uint64_t constants = 0;
    std::uint64_t globals = 0;
  };
  Result<DataAddresses> place_data(const Kernel& kernel);
  std::shared_ptr<const ScoreboardCode> scoreboard_of(const Kernel& kernel);

  Memory& memory_;
  std::map<const ModuleData*, DataAddresses> data_;
  std::map<const PreparedCode*, std::shared_ptr<const ScoreboardCode>> scoreboards_;
};

}  // namespace xpuq::xe
