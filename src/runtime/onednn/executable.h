// A plan made ready to run: memory bound, steps created.
#pragma once

#include <memory>
#include <vector>

#include "runtime/cpu/aligned.h"
#include "runtime/cpu/strided_copy.h"
#include "runtime/cpu/thread_pool.h"
#include "runtime/onednn/host_storage.h"
#include "runtime/onednn/steps.h"

namespace xpuq::onednn {

class PlanExecutable final : public Executable {
 public:
  static Result<std::unique_ptr<Executable>> create(const Plan& plan, const EngineOptions& options,
                                                    const dnnl::engine& engine);
  /// As Engine::kernels().
  static std::vector<std::vector<std::string>> kernels(const Plan& plan, const EngineOptions& options,
                                                       const dnnl::engine& engine);

  Result<void> run(std::span<const void* const> inputs, std::span<void* const> outputs) override;
  const void* value_bytes(std::uint32_t value) const override { return values_[value]; }
  const std::vector<StepInfo>& steps() const override { return infos_; }
  std::uint64_t memory_bytes() const override { return memory_bytes_; }

 private:
  PlanExecutable(const Plan& plan, const EngineOptions& options, const dnnl::engine& engine);
  void place_values();
  void create_steps();
  void bind(std::span<const void* const> inputs, std::span<void* const> outputs);
  void deliver(std::span<void* const> outputs);
  Result<void> run_steps();

  Plan plan_;
  EngineOptions options_;
  int threads_;
  HostStorage storage_;
  Library library_;
  cpu::AlignedVector<std::byte> arena_;
  /// u8 forms of s8 values that the caller or the plan keeps as s8: inputs, outputs and constants.
  cpu::AlignedVector<std::byte> shadows_;
  cpu::AlignedVector<std::byte> scratch_;
  std::vector<std::byte*> values_;
  std::vector<bool> shifted_;  ///< the value's bytes are u8 codes
  std::vector<bool> shadowed_;
  std::vector<std::unique_ptr<cpu::StridedCopy>> turns_;  ///< per output: from channels_last, where it lies so
  std::vector<StepPtr> steps_;
  std::vector<StepInfo> infos_;
  /// Where no step is oneDNN's, which brings OpenMP's threads: two sets of threads would be in each other's way.
  std::unique_ptr<cpu::ThreadPool> pool_;
  std::uint64_t memory_bytes_ = 0;
};

}  // namespace xpuq::onednn
