// An Intel GPU as a program on the host: executes the machine code of a program and computes what the card would.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "gpu/targets.h"
#include "runtime/gpu_device.h"

namespace xpuq {

/// Looks at a run of an emulated device between steps.
class StepObserver {
 public:
  virtual ~StepObserver() = default;
  /// Reads a plan value that lies in memory now: `bytes()` of its type, in its layout.
  using ReadValue = std::function<Result<void>(std::uint32_t value, std::span<std::uint8_t> to)>;
  virtual Result<void> before(std::uint32_t step, const ReadValue& read) = 0;
  virtual Result<void> after(std::uint32_t step, const ReadValue& read) = 0;
};

class EmulatedExecutable : public Executable {
 public:
  /// Told of every step of later runs; null: nobody.
  virtual void observe(StepObserver* observer) = 0;
};

/// The device of a target ("dg2", "b580"). E503 for one that cannot be emulated.
Result<std::shared_ptr<GpuDevice>> emulated_device(const gpu::Target& target);

}  // namespace xpuq
