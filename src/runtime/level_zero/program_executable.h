// A program with memory of its own, ready to run: one closed list an inference.
#pragma once

#include <memory>
#include <vector>

#include "gpu/ports.h"
#include "runtime/gpu_device.h"
#include "runtime/level_zero/loaded_program.h"

namespace xpuq::level_zero {

class StepTimer;

class ProgramExecutable final : public GpuExecutable {
 public:
  static Result<std::unique_ptr<GpuExecutable>> create(std::shared_ptr<const LoadedProgram> loaded, const Plan& plan, const EngineOptions& options);
  ~ProgramExecutable() override;

  Result<void> run(std::span<const void* const> inputs, std::span<void* const> outputs) override;
  Result<void> run_observed(std::span<const void* const> inputs, std::span<void* const> outputs, StepObserver& observer) override;
  const std::vector<StepInfo>& steps() const override { return infos_; }
  std::uint64_t memory_bytes() const override { return memory_bytes_; }

 private:
  explicit ProgramExecutable(std::shared_ptr<const LoadedProgram> loaded) : loaded_(std::move(loaded)) {}
  Result<void> allocate();
  Result<void> prepare_work(const Bases& bases);
  Result<void> record(const Bases& bases);
  void fill_host_input(std::span<const void* const> inputs);
  void deliver(std::span<void* const> outputs);
  /// Device memory to host memory or back, at once.
  Result<void> copy_now(void* to, const void* from, std::uint64_t bytes);
  Result<void> run_commands(std::size_t begin, std::size_t end);
  Bases bases() const;

  std::shared_ptr<const LoadedProgram> loaded_;
  gpu::Ports inputs_, outputs_;
  Memory input_, output_, work_, host_input_, host_output_;
  std::unique_ptr<StepTimer> timer_;
  std::unique_ptr<CommandList> list_;
  std::vector<StepInfo> infos_;
  std::uint64_t memory_bytes_ = 0;
};

}  // namespace xpuq::level_zero
