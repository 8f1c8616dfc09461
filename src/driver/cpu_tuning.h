// xpuq-compile --target cpu --tune: for each step that has several kernels on this machine, the one that measures
// quickest inside the whole plan. All of them give the same numbers, so that the choice is one of speed alone.
#pragma once

#include <string>
#include <vector>

#include "artifact/artifact.h"
#include "runtime/engine.h"
#include "xpuq/result.h"

namespace xpuq {

/// A step with a choice.
struct MeasuredStep {
  std::size_t plan = 0;
  std::uint32_t step = 0;
  std::vector<std::string> nodes;
  std::string op;
  struct Kernel {
    std::string name;
    double seconds = 0;  ///< of one run, the least that was seen
  };
  std::vector<Kernel> kernels;  ///< the engine's own choice first
  std::size_t chosen = 0;       ///< number of a kernel
};

struct CpuTuning {
  std::string device;  ///< "AMD EPYC (avx2), oneDNN 3.2.0"
  std::vector<MeasuredStep> steps;
  double seconds_before = 0, seconds_after = 0;  ///< of one inference of each plan, by the sum of its steps
};

/// Measures the plans of `artifact` (as read from a file) with `threads` threads and returns a section for each, key
/// "cpu:DEVICE:LIBRARY:planN". It takes some tens of inferences for each kernel of the step with most.
Result<CpuTuning> tune_cpu(const Artifact& artifact, int threads, std::vector<TargetSection>& sections);

/// EngineOptions::kernels for a plan on the CPU of `engine`: those of the section that was measured on such a machine,
/// else none. What a section says is not trusted; the engine ignores what it does not know.
std::vector<std::string> tuned_kernels(const Artifact& artifact, std::size_t plan, const Engine& engine);

}  // namespace xpuq
