// xpuq-compile --tune: for each step that oneDNN and an own kernel can do, the one that the emulated part predicts to be
// quicker. A prediction, by the model of runtime/emulated/roofline.h: it has never met a card.
#pragma once

#include <string>
#include <vector>

#include "artifact/artifact.h"
#include "gpu/program.h"
#include "gpu/targets.h"
#include "xpuq/result.h"

namespace xpuq {

/// A step with both kernels. Seconds are of the launches that make its value, and those of what the own kernel computes
/// with it.
struct ComparedStep {
  std::size_t plan = 0;
  std::uint32_t step = 0;
  std::vector<std::string> nodes;
  std::string op, library;        ///< "max_pool", "jit:ir"
  double library_seconds = 0, own_seconds = 0;
  bool own = false;               ///< chosen
};

struct Tuning {
  std::vector<gpu::Program> programs;         ///< one per plan
  double seconds_before = 0, seconds_after = 0;  ///< predicted for one inference, all plans together
  std::vector<ComparedStep> steps;
};

/// `recorded` are the programs with oneDNN's kernels for the plans of `artifact`, which lies in `path`. Records twice
/// more and emulates three inferences a plan. Errors as record::start_recording() and of the emulated device.
Result<Tuning> tune_target(const Artifact& artifact, const std::string& path, const gpu::Target& target, std::vector<gpu::Program> recorded, int threads);

}  // namespace xpuq
