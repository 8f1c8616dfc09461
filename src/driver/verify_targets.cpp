#include "driver/verify_targets.h"

#include <chrono>

#include "driver/run.h"
#include "support/process.h"

namespace xpuq {

Result<std::vector<VerifiedTarget>> verify_targets(const Artifact& artifact, const std::vector<gpu::Target>& targets, int threads, const Reporter& reporter) {
  // Through a file, as xpuq-run will read it.
  XPUQ_ASSIGN(const TemporaryFolder folder, TemporaryFolder::create());
  const std::string path = folder.file("verify.xpuq");
  XPUQ_TRY(write_artifact(artifact, path));
  std::vector<VerifiedTarget> out;
  for (const gpu::Target& target : targets) {
    const auto start = std::chrono::steady_clock::now();
    RunOptions options;
    options.artifact = path;
    options.device = "emulated:" + std::string(target.name);
    options.threads = threads;
    XPUQ_ASSIGN(const SelfTestReport report, self_test(options, reporter));
    if (report.failure) {
      Error e = *report.failure;
      e.code = "E105";
      e.who = "--verify, target " + std::string(target.name);
      e.remedy = "nothing was written; please report this with the model";
      return e;
    }
    VerifiedTarget v{.target = std::string(target.name)};
    for (const StepDifference& d : report.steps.steps) {
      ++v.steps;
      v.steps_equal += d.different == 0;
      v.elements += d.elements;
      v.elements_different += d.different;
    }
    v.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    out.push_back(std::move(v));
  }
  return out;
}

}  // namespace xpuq
