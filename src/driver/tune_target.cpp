#include "driver/tune_target.h"

#include <memory>
#include <set>

#include "gpu/verify.h"
#include "record/start_recording.h"
#include "runtime/emulated/emulated_device.h"
#include "runtime/gpu_device.h"

namespace xpuq {
namespace {

using record::KernelChoice;

/// An own kernel must be quicker by this much: the model is coarse.
constexpr double kWorthChanging = 0.9;

/// Predicted seconds of one inference, by step; those of a kernel stand at the last step that it computes.
using StepSeconds = std::vector<double>;

Result<StepSeconds> predicted(GpuDevice& device, const Plan& plan, const gpu::Program& program, int threads) {
  XPUQ_ASSIGN(const std::unique_ptr<GpuExecutable> executable, device.load(plan, std::make_shared<const gpu::Program>(program), {.threads = threads, .profile = true}));
  const std::vector<Tensor> inputs = selftest_inputs(plan, 1);
  std::vector<const void*> in;
  std::vector<Tensor> outputs;
  std::vector<void*> out;
  for (const Tensor& t : inputs) in.push_back(t.raw());
  for (const std::uint32_t v : plan.outputs) outputs.emplace_back(plan.values[v].type.dtype, plan.values[v].type.shape);
  for (Tensor& t : outputs) out.push_back(t.raw());
  XPUQ_TRY(executable->run(in, out));
  StepSeconds seconds;
  for (const StepWork& w : executable->work()) seconds.push_back(w.predicted_seconds);
  return seconds;
}

double sum(const StepSeconds& seconds) {
  double total = 0;
  for (const double s : seconds) total += s;
  return total;
}

std::uint32_t kernel_of(const gpu::Program& p, std::uint32_t step) { return p.steps[step].fused_into.value_or(step); }
bool is_library(const gpu::Program& p, std::uint32_t step) { return !p.steps[step].implementation.starts_with("xpuq:"); }

/// What the kernels of `before` take for everything that the kernel of `after` at `last` computes.
double seconds_of_same_work(const gpu::Program& before, const StepSeconds& seconds, const gpu::Program& after, std::uint32_t last) {
  std::set<std::uint32_t> kernels;
  for (std::uint32_t s = 0; s < after.steps.size(); ++s)
    if (kernel_of(after, s) == last) kernels.insert(kernel_of(before, s));
  double total = 0;
  for (const std::uint32_t k : kernels) total += seconds[k];
  return total;
}

}  // namespace

Result<Tuning> tune_target(const Artifact& artifact, const std::string& path, const gpu::Target& target, std::vector<gpu::Program> recorded, int threads) {
  XPUQ_ASSIGN(const std::shared_ptr<GpuDevice> device, emulated_device(target));
  record::KernelChoices all_own;
  for (const gpu::Program& p : recorded) {
    all_own.emplace_back(p.steps.size(), KernelChoice::library);
    for (std::uint32_t s = 0; s < p.steps.size(); ++s)
      if (is_library(p, s)) all_own.back()[s] = KernelChoice::own;
  }
  XPUQ_ASSIGN(const std::vector<gpu::Program> own, record::start_recording(path, {.target = target}, all_own));
  if (own.size() != recorded.size()) return make_error("E101", "--tune", "another number of programs than plans came back");

  Tuning out;
  record::KernelChoices choices;
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    const Plan& plan = artifact.plans[i];
    XPUQ_ASSIGN(const StepSeconds before, predicted(*device, plan, recorded[i], threads));
    XPUQ_ASSIGN(const StepSeconds after, predicted(*device, plan, own[i], threads));
    out.seconds_before += sum(before);
    choices.emplace_back(plan.steps.size(), KernelChoice::library);
    for (std::uint32_t s = 0; s < plan.steps.size(); ++s) {
      if (!is_library(recorded[i], s)) continue;
      ComparedStep c{.plan = i, .step = s, .nodes = plan.steps[s].origin, .op = std::string(to_string(plan.steps[s].op)), .library = recorded[i].steps[s].implementation};
      const std::uint32_t last = kernel_of(own[i], s);
      c.library_seconds = seconds_of_same_work(recorded[i], before, own[i], last);
      c.own_seconds = after[last];
      c.own = c.own_seconds < kWorthChanging * c.library_seconds;
      if (c.own) choices.back()[s] = KernelChoice::own;
      out.steps.push_back(std::move(c));
    }
  }
  // Steps that were compared one by one are recorded together, and the whole must be quicker, too.
  XPUQ_ASSIGN(std::vector<gpu::Program> chosen, record::start_recording(path, {.target = target}, choices));
  if (chosen.size() != recorded.size()) return make_error("E101", "--tune", "another number of programs than plans came back");
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    XPUQ_ASSIGN(const StepSeconds seconds, predicted(*device, artifact.plans[i], chosen[i], threads));
    out.seconds_after += sum(seconds);
  }
  const bool better = out.seconds_after < out.seconds_before;
  if (!better) {
    out.seconds_after = out.seconds_before;
    for (ComparedStep& c : out.steps) c.own = false;
  }
  out.programs = better ? std::move(chosen) : std::move(recorded);
  return out;
}

}  // namespace xpuq
