// What executables of one program share on one device: kernels, and constants in the form that the set-up made of them.
#pragma once

#include <memory>

#include "gpu/program.h"
#include "plan/plan.h"
#include "runtime/level_zero/command_list.h"

namespace xpuq::level_zero {

/// True for set-up commands that prepare the work arena, of which every executable has its own.
bool prepares_work(const gpu::Command& command);

class LoadedProgram {
 public:
  /// Creates the kernels and runs the part of the set-up that fills the constants; what it needed is freed.
  static Result<std::shared_ptr<const LoadedProgram>> load(ContextPtr context, const Plan& plan, std::shared_ptr<const gpu::Program> program);

  const ContextPtr& context() const { return context_; }
  const gpu::Program& program() const { return *program_; }
  const Kernels& kernels() const { return kernels_; }
  std::byte* constants() const { return constant_.data(); }

 private:
  LoadedProgram(ContextPtr context, std::shared_ptr<const gpu::Program> program, Kernels kernels, Memory constant)
      : context_(std::move(context)), program_(std::move(program)), kernels_(std::move(kernels)), constant_(std::move(constant)) {}

  ContextPtr context_;
  std::shared_ptr<const gpu::Program> program_;
  Kernels kernels_;
  Memory constant_;
};

}  // namespace xpuq::level_zero
