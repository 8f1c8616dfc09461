// xpuq-compile --verify: target sections executed on emulated devices before the artifact is written.
#pragma once

#include <string>
#include <vector>

#include "artifact/artifact.h"
#include "driver/reporter.h"
#include "gpu/targets.h"

namespace xpuq {

/// The self-tests of one target, every step beside the interpreter.
struct VerifiedTarget {
  std::string target;
  std::size_t steps = 0, steps_equal = 0;
  std::uint64_t elements = 0, elements_different = 0;  ///< different: within the tolerance of a self-test on a GPU
  double seconds = 0;
};

/// E105 for the first target with a step that differs: step, layer and values. `artifact` has at least one self-test.
Result<std::vector<VerifiedTarget>> verify_targets(const Artifact& artifact, const std::vector<gpu::Target>& targets, int threads, const Reporter& reporter);

}  // namespace xpuq
