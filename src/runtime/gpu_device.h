// A GPU, real or emulated, as what executes programs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gpu/program.h"
#include "runtime/engine.h"

namespace xpuq {

class GpuDevice {
 public:
  virtual ~GpuDevice() = default;
  virtual std::string device_name() const = 0;  ///< "Intel(R) Arc(TM) A770 Graphics (12.55.8, 8x4x16)"
  virtual std::string library() const = 0;      ///< "Level Zero driver 1.15.39122"
  virtual gpu::DeviceKey key() const = 0;
  /// Arenas allocated, modules and kernels created, set-up executed. `program` was accepted by the verifier for `plan`
  /// and, like `plan`, need not outlive the call. Executables of one program that are alive together share its
  /// constants where the device can.
  virtual Result<std::unique_ptr<Executable>> load(const Plan& plan, std::shared_ptr<const gpu::Program> program,
                                                   const EngineOptions& options) = 0;
};

/// Intel GPUs that the Level Zero driver shows, in its order: "gpu:0", "gpu:1", ... E503 says what is missing: the
/// loader, the driver, or a device.
Result<std::vector<std::shared_ptr<GpuDevice>>> level_zero_devices();

}  // namespace xpuq
