// xpuq-compile --target: plans compiled for Intel GPUs, as target sections.
#pragma once

#include <string>
#include <vector>

#include "artifact/artifact.h"
#include "driver/tune_target.h"
#include "gpu/targets.h"

namespace xpuq {

/// What one plan became on one target.
struct TargetReport {
  std::string target;               ///< "a770"
  std::string device;               ///< "Arc A770, 12.55.8, 8x4x16"
  std::int64_t batch = 0;
  std::size_t launches = 0;         ///< of one inference
  std::size_t library_launches = 0; ///< of those, kernels that oneDNN generated
  std::size_t barriers = 0;
  std::size_t setup_launches = 0;   ///< weights packed, once at load
  std::size_t modules = 0;
  std::uint64_t code_bytes = 0;     ///< machine code, unpacked
  std::uint64_t work_bytes = 0;     ///< activations and scratch
  std::uint64_t constant_bytes = 0; ///< packed weights, scales, tables
  std::uint64_t moved_bytes = 0;    ///< that kernels of one inference may read and write
  double seconds = 0;               ///< to compile
};

/// How a target is compiled.
struct TargetOptions {
  bool tune = false;
  int threads = 0;
};

/// What --tune did for one target.
struct TuningReport {
  std::string target;
  double seconds_before = 0, seconds_after = 0;
  std::vector<ComparedStep> steps;
};

struct AddedTargets {
  std::vector<TargetReport> reports;    ///< by target and plan
  std::vector<TuningReport> tunings;    ///< by target, with TargetOptions::tune
};

/// Adds a section for every target and plan. Errors as record::start_recording(); E101 when what was recorded is not
/// accepted by the verifier.
Result<AddedTargets> add_targets(Artifact& artifact, const std::vector<gpu::Target>& targets, const TargetOptions& options);

}  // namespace xpuq
