// Where a plan runs: the choice of a device, and for a GPU of the program that fits it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "artifact/artifact.h"
#include "driver/gpu_program.h"
#include "gpu/program.h"
#include "runtime/engine.h"
#include "runtime/gpu_device.h"

namespace xpuq {

class Placement {
 public:
  virtual ~Placement() = default;
  virtual std::string id() const = 0;           ///< "cpu", "gpu:0"
  virtual std::string device_name() const = 0;
  virtual std::string library() const = 0;
  /// One more executable of the plan; those of one placement share what they can.
  virtual Result<std::unique_ptr<Executable>> load(const EngineOptions& options) = 0;
  /// The same with what only GPUs have; E101 on a CPU.
  virtual Result<std::unique_ptr<GpuExecutable>> load_on_gpu(const EngineOptions&) { return make_error("E101", id(), "not a GPU"); }
  /// What the device can do at most, where that is measured and not part of the executable: on a CPU.
  virtual Roofs roofs(int) const { return {}; }
  /// Sections for the plan against this device; none of them matters on a CPU.
  virtual std::vector<SectionFit> sections() const = 0;
  /// What a GPU executes; null on a CPU.
  virtual const gpu::Program* program() const { return nullptr; }
};

struct PlacementOptions {
  std::string device = "auto";   ///< auto, cpu, gpu, gpu:N, emulated:NAME
  bool cache = true;             ///< programs compiled here may be kept and found again
};

/// `artifact` was read from the file `path`. `auto` is a GPU when the artifact was compiled for the one that is here,
/// else the CPU. On a GPU, in this order: the section for exactly this device; one for the same IP version in another
/// shape, with a note; a program compiled here earlier, or now, when the recorder is installed. Never a section for
/// another IP version: the driver would load some of them, and they would give wrong results. E503 says what is missing.
Result<std::shared_ptr<Placement>> place(std::shared_ptr<const Artifact> artifact, std::size_t plan, const std::string& path, const PlacementOptions& options);

/// Devices that can be used now: name, kind, library.
struct DeviceInfo {
  std::string id, name, library;
};
Result<std::vector<DeviceInfo>> list_devices();

}  // namespace xpuq
