// The memory of a program on the emulated device, and the execution of its commands there. Internal.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gpu/program.h"
#include "plan/plan.h"
#include "runtime/emulated/emulated_device.h"
#include "xe/machine.h"
#include "xe/memory.h"
#include "xe/module.h"
#include "xpuq/result.h"

namespace xpuq {

class ProgramMemory {
 public:
  /// Memory that nobody wrote holds `poison`.
  ProgramMemory(std::shared_ptr<const gpu::Program> program, const std::vector<xe::Module>& modules, const EmulationLimits& limits, std::uint8_t poison);

  /// Error E622: more than the limit.
  Result<void> allocate();
  /// A new inference, or set-up, begins: the count of instructions starts again.
  void start() { left_ = most_; }
  /// `plan`: where constants come from; null during an inference. `counts` is what a launch executed. Errors of
  /// xe::Machine::launch; E623 when the instructions of the inference are used up.
  Result<void> execute(const gpu::Command& command, const Plan* plan, const xe::Limits& limits, xe::LaunchCounts& counts);

  Result<void> write(const gpu::Range& range, const void* from) { return memory_.write(at(range), {static_cast<const std::uint8_t*>(from), range.bytes}); }
  Result<void> read(const gpu::Range& range, void* to) const { return memory_.read(at(range), {static_cast<std::uint8_t*>(to), range.bytes}); }
  /// As if nobody had written it.
  Result<void> forget(const gpu::Range& range) { return memory_.fill(at(range), range.bytes, {&poison_, 1}); }
  std::uint64_t at(const gpu::Range& r) const { return bases_[static_cast<std::size_t>(r.arena)] + r.offset; }

 private:
  Result<void> launch(const gpu::Launch& launch, xe::Limits limits, xe::LaunchCounts& counts);
  Result<void> move_bytes(const gpu::Command& command, const Plan* plan);
  xe::LaunchArgument argument(const gpu::Argument& argument) const;

  std::shared_ptr<const gpu::Program> program_;
  const std::vector<xe::Module>& modules_;
  std::uint8_t poison_;
  xe::Memory memory_;
  xe::Machine machine_{memory_};
  std::array<std::uint64_t, gpu::kArenas> bases_{};
  std::uint64_t most_, left_;
};

}  // namespace xpuq
