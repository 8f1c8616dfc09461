// A GPU, real or emulated, as what executes programs.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gpu/program.h"
#include "runtime/engine.h"

namespace xpuq {

/// Looks at a run between steps.
class StepObserver {
 public:
  virtual ~StepObserver() = default;
  /// Reads a plan value that lies in memory now: `bytes()` of its type, in its layout.
  using ReadValue = std::function<Result<void>(std::uint32_t value, std::span<std::byte> to)>;
  virtual Result<void> before(std::uint32_t step, const ReadValue& read) = 0;
  virtual Result<void> after(std::uint32_t step, const ReadValue& read) = 0;
};

/// What limits a predicted time.
enum class Bound : std::uint8_t { launch, integer, floating, math, systolic, messages, local_memory, l1, l2, dram, latency };
std::string_view to_string(Bound bound);

/// What the kernels of one step executed in the last run, where a device counts it.
struct StepWork {
  std::uint64_t instructions = 0;    ///< of all threads
  std::uint64_t systolic = 0;        ///< of those, dpas
  std::uint64_t bytes_read = 0;      ///< asked of device memory
  std::uint64_t bytes_written = 0;
  // The rest with EngineOptions::profile only.
  std::uint64_t integer = 0, floating = 0, math = 0, messages = 0, control = 0;  ///< instructions
  std::uint64_t register_bytes = 0;  ///< read and written by instructions
  std::uint64_t local_bytes = 0;     ///< of shared local memory
  std::uint64_t l1_bytes = 0;        ///< lines touched, times 64
  std::uint64_t l2_bytes = 0;        ///< first-level misses, and writes
  std::uint64_t dram_bytes = 0;      ///< second-level misses, and lines written back
  std::uint64_t operations = 0;      ///< multiplications and additions
  std::uint64_t groups = 0, threads = 0;
  double predicted_seconds = 0;
  Bound bound = Bound::launch;       ///< of the launch that takes longest
};

class GpuExecutable : public Executable {
 public:
  /// Executable::run(), with a stop before and after the commands of every step. For tests: slow.
  virtual Result<void> run_observed(std::span<const void* const> inputs, std::span<void* const> outputs, StepObserver& observer) = 0;
  /// One per step of the plan; empty where the device does not count.
  virtual std::vector<StepWork> work() const { return {}; }
  /// Whether times of steps() come from a model instead of a clock.
  virtual bool predicts() const { return false; }
  virtual Roofs roofs() const { return {}; }
  const void* value_bytes(std::uint32_t) const final { return nullptr; }
};

class GpuDevice {
 public:
  virtual ~GpuDevice() = default;
  virtual std::string device_name() const = 0;  ///< "Intel(R) Arc(TM) A770 Graphics (12.55.8, 8x4x16)"
  virtual std::string library() const = 0;      ///< "Level Zero driver 1.15.39122"
  virtual gpu::DeviceKey key() const = 0;
  /// Arenas allocated, modules and kernels created, set-up executed. `program` was accepted by the verifier for `plan`
  /// and, like `plan`, need not outlive the call. Executables of one program that are alive together share its
  /// constants where the device can.
  virtual Result<std::unique_ptr<GpuExecutable>> load(const Plan& plan, std::shared_ptr<const gpu::Program> program,
                                                   const EngineOptions& options) = 0;
};

/// Intel GPUs that the Level Zero driver shows, in its order: "gpu:0", "gpu:1", ... E503 says what is missing: the
/// loader, the driver, or a device.
Result<std::vector<std::shared_ptr<GpuDevice>>> level_zero_devices();

}  // namespace xpuq
