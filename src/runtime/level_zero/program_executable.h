// A program with memory of its own, ready to run: one closed list an inference.
#pragma once

#include <memory>
#include <vector>

#include "gpu/ports.h"
#include "runtime/engine.h"
#include "runtime/level_zero/loaded_program.h"

namespace xpuq::level_zero {

class StepTimer;

class ProgramExecutable final : public Executable {
 public:
  static Result<std::unique_ptr<Executable>> create(std::shared_ptr<const LoadedProgram> loaded, const Plan& plan, const EngineOptions& options);
  ~ProgramExecutable() override;

  Result<void> run(std::span<const void* const> inputs, std::span<void* const> outputs) override;
  const void* value_bytes(std::uint32_t) const override { return nullptr; }
  const std::vector<StepInfo>& steps() const override { return infos_; }
  std::uint64_t memory_bytes() const override { return memory_bytes_; }

 private:
  explicit ProgramExecutable(std::shared_ptr<const LoadedProgram> loaded) : loaded_(std::move(loaded)) {}
  Result<void> allocate();
  Result<void> prepare_work(const Bases& bases);
  Result<void> record(const Bases& bases);
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
