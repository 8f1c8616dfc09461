// A second run of everything, on memory and registers whose unwritten bytes hold another pattern: what differs between the
// two depends on data that nobody wrote. Internal.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "runtime/emulated/program_memory.h"

namespace xpuq {

class Twin {
 public:
  Twin(const Plan& plan, std::shared_ptr<const gpu::Program> program, const std::vector<xe::Module>& modules, const EmulationLimits& limits);

  Result<void> allocate() { return memory_.allocate(); }
  void start();
  /// What set-up stored stays known.
  void keep() { kept_ = stores_.size(); }
  Result<void> write(const gpu::Range& range, const void* from) { return memory_.write(range, from); }
  /// Executes a command in `first` and here. Error E625: an address or a branch depends on data that nobody wrote; and
  /// those of ProgramMemory::execute.
  Result<void> execute(ProgramMemory& first, const gpu::Command& command, const Plan* plan, xe::Limits limits, xe::LaunchCounts& counts);
  /// Before a step: what its outputs will overwrite is forgotten on both sides, unless its inputs lie there.
  Result<void> forget_outputs(ProgramMemory& first, std::uint32_t step);
  /// Error E625 if `bytes`, which `first` has in the range, are others here; `who` names them.
  Result<void> compare(const gpu::Range& range, const void* bytes, const std::string& who) const;

 private:
  /// Stores of a launch that differed.
  struct Stores {
    const gpu::Launch* launch;
    std::vector<xe::Trace::Difference> all;
  };
  std::string origin(std::uint64_t address) const;

  std::vector<Step> steps_;
  std::shared_ptr<const gpu::Program> program_;
  const std::vector<xe::Module>& modules_;
  ProgramMemory memory_;
  std::vector<Stores> stores_;
  std::size_t kept_ = 0;
};

}  // namespace xpuq
