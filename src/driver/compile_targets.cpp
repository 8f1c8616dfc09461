#include "driver/compile_targets.h"

#include <chrono>

#include "gpu/commands.h"
#include "gpu/section.h"
#include "gpu/verify.h"
#include "record/start_recording.h"
#include "support/process.h"

namespace xpuq {
namespace {

TargetReport report(const gpu::Target& target, const gpu::Program& p, const Plan& plan) {
  TargetReport r;
  r.target = std::string(target.name);
  r.device = std::string(target.product) + ", " + gpu::ip_version_text(p.device.ip_version) + ", " + gpu::shape_text(p.device);
  if (!plan.inputs.empty() && !plan.values[plan.inputs[0]].type.shape.empty()) r.batch = plan.values[plan.inputs[0]].type.shape[0];
  for (const gpu::Command& c : p.setup) r.setup_launches += std::holds_alternative<gpu::Launch>(c.what);
  for (const gpu::Command& c : p.inference) {
    r.barriers += c.barrier;
    if (!std::holds_alternative<gpu::Launch>(c.what)) continue;
    ++r.launches;
    r.library_launches += !p.steps[c.step].implementation.starts_with("xpuq:");
    for (const gpu::BufferArgument& a : gpu::accesses(c)) r.moved_bytes += a.range.bytes * (a.access == gpu::Access::read_write ? 2 : 1);
  }
  r.modules = p.modules.size();
  for (const auto& m : p.modules) r.code_bytes += m.size();
  r.work_bytes = p.arena_bytes[static_cast<std::size_t>(gpu::Arena::work)];
  r.constant_bytes = p.arena_bytes[static_cast<std::size_t>(gpu::Arena::constant)];
  return r;
}

}  // namespace

Result<AddedTargets> add_targets(Artifact& artifact, const std::vector<gpu::Target>& targets, const TargetOptions& options) {
  XPUQ_ASSIGN(const TemporaryFolder folder, TemporaryFolder::create());
  const std::string path = folder.file("portable.xpuq");
  XPUQ_TRY(write_artifact(artifact, path));
  // As read: constants have their final places now, and programs name those.
  XPUQ_ASSIGN(const Artifact portable, open_artifact(path));
  AddedTargets out;
  std::vector<gpu::Program> programs;
  for (const gpu::Target& target : targets) {
    const auto start = std::chrono::steady_clock::now();
    XPUQ_ASSIGN(std::vector<gpu::Program> recorded, record::start_recording(path, {.target = target}));
    if (recorded.size() != portable.plans.size()) return make_error("E101", "--target " + std::string(target.name), "another number of programs than plans came back");
    if (options.tune) {
      XPUQ_ASSIGN(Tuning tuning, tune_target(portable, path, target, std::move(recorded), options.threads));
      recorded = std::move(tuning.programs);
      out.tunings.push_back({std::string(target.name), tuning.seconds_before, tuning.seconds_after, std::move(tuning.steps)});
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    for (std::size_t i = 0; i < recorded.size(); ++i) {
      if (const std::string problem = gpu::verify(recorded[i], portable.plans[i]); !problem.empty())
        return make_error("E101", "--target " + std::string(target.name), "the recorded program is not sound: " + problem, {}, {}, "please report this with the model");
      if (!(recorded[i].device == target.key))
        return make_error("E101", "--target " + std::string(target.name), "the driver simulates another device", gpu::ip_version_text(recorded[i].device.ip_version) + ", " + gpu::shape_text(recorded[i].device),
                          gpu::ip_version_text(target.key.ip_version) + ", " + gpu::shape_text(target.key), "another version of the driver, or please report this");
      out.reports.push_back(report(target, recorded[i], portable.plans[i]));
      out.reports.back().seconds = seconds / static_cast<double>(recorded.size());
      programs.push_back(std::move(recorded[i]));
    }
  }
  for (TargetSection& section : gpu::to_sections(programs)) artifact.targets.push_back(std::move(section));
  return out;
}

}  // namespace xpuq
