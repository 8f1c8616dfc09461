// The interface of an engine plugin. One set of engine sources is built against one oneDNN and loaded with
// dlopen(RTLD_LOCAL), so that a program without a GPU stack never notices that another plugin exists.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "plan/plan.h"
#include "xpuq/result.h"

namespace xpuq {

struct EngineOptions {
  int threads = 0;  ///< 0: all cores the process may use
  /// Keeps one primitive per step and records times per step (xpuq-run --profile).
  bool profile = false;
  /// The emulated device reports what the hardware would punish, E625 (xpuq-run --self-test); others ignore it.
  bool checks = false;
  /// Which int8 kernels conv and linear take: `automatic` is the engine's choice for this machine, always exact;
  /// the others are for tests and bisecting.
  enum class Int8Kernels { automatic, onednn, own } int8_kernels = Int8Kernels::automatic;
  /// By step of the plan, the implementation to take, as StepInfo has it; empty or missing: the engine's choice. A name
  /// that the step cannot take is ignored: choices may come from a file.
  std::vector<std::string> kernels = {};
};

/// What one step became on this machine, for reports.
struct StepInfo {
  std::string primitive;       ///< "convolution", "matmul", "pooling", ...
  std::string implementation;  ///< oneDNN's implementation name, "xpuq:..." for an own kernel, "xpuq:reference" for plain loops
  double seconds = 0;          ///< accumulated when profiling
  std::uint64_t runs = 0;
};

/// A plan made ready to run on one device: primitives created, weights packed, arena and scratchpad allocated.
/// Nothing is allocated afterwards. One object serves one thread of callers at a time.
class Executable {
 public:
  virtual ~Executable() = default;

  /// Runs all steps. `inputs[i]`/`outputs[i]` are row-major buffers of plan.inputs[i]/plan.outputs[i], of exactly
  /// type.bytes() bytes. A value that is several outputs is written to each.
  virtual Result<void> run(std::span<const void* const> inputs, std::span<void* const> outputs) = 0;

  /// Elements of a float value after a run, where the plan keeps it to the end (what calibration observes).
  virtual const void* value_bytes(std::uint32_t value) const = 0;

  virtual const std::vector<StepInfo>& steps() const = 0;
  virtual std::uint64_t memory_bytes() const = 0;  ///< arena, scratchpad and packed weights
};

/// The roofs of a device: 8-bit operations (a multiply-add is two) and bytes of memory per second; zeros where nobody
/// said.
struct Roofs {
  double operations = 0;
  double bytes = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::string device_name() const = 0;   ///< "AMD EPYC (avx2)"
  virtual std::string library() const = 0;       ///< "oneDNN 3.2.0"
  virtual Result<std::unique_ptr<Executable>> load(const Plan& plan, const EngineOptions& options) = 0;
  /// By step, the implementations that it can take here, all with the same numbers and the engine's own choice first;
  /// empty where there is nothing to choose.
  virtual std::vector<std::vector<std::string>> kernels(const Plan& plan, const EngineOptions& options) = 0;
  /// Measured now.
  virtual Roofs roofs(int threads) = 0;
};

/// Symbol that a plugin exports: `extern "C" xpuq::Engine* xpuq_engine_create(std::uint32_t abi)`; null when `abi` is
/// not kEngineAbi.
inline constexpr std::uint32_t kEngineAbi = 3;
inline constexpr const char* kEngineSymbol = "xpuq_engine_create";

/// Loads libxpuq_engine_<name>.so: from `XPUQ_ENGINE_DIR`, beside the executable, or ../lib/xpuq of it. Error E503
/// says where was looked and what the loader said.
Result<std::shared_ptr<Engine>> load_engine(const std::string& name);

}  // namespace xpuq
