#include "driver/cpu_tuning.h"

#include <algorithm>

#include "support/json.h"

namespace xpuq {
namespace {

constexpr int kRuns = 12;                ///< of a plan with one choice of kernels
constexpr double kWorthChanging = 0.97;  ///< of the time of the engine's own choice
constexpr std::size_t kKeyBytes = 96;    ///< room in the table of sections

std::string section_key(const Engine& engine, std::size_t plan) {
  const std::string end = ":" + engine.library() + ":plan" + std::to_string(plan);
  std::string key = ("cpu:" + engine.device_name()).substr(0, kKeyBytes - std::min(kKeyBytes, end.size())) + end;
  for (char& c : key)
    if (c < 0x20 || c > 0x7e) c = '?';
  return key;
}

using StepSeconds = std::vector<double>;

/// The least seconds of each step with these kernels.
Result<StepSeconds> measure(Engine& engine, const Plan& plan, EngineOptions options, std::vector<std::string> kernels) {
  options.profile = true;
  options.kernels = std::move(kernels);
  XPUQ_ASSIGN(const std::unique_ptr<Executable> executable, engine.load(plan, options));
  const std::vector<Tensor> inputs = selftest_inputs(plan, 0);
  std::vector<Tensor> outputs;
  std::vector<const void*> in;
  std::vector<void*> out;
  for (const Tensor& t : inputs) in.push_back(t.raw());
  for (std::uint32_t v : plan.outputs) outputs.emplace_back(plan.values[v].type.dtype, plan.values[v].type.shape);
  for (Tensor& t : outputs) out.push_back(t.raw());
  StepSeconds least(plan.steps.size(), 1e9), before(plan.steps.size(), 0);
  for (int run = 0; run < kRuns; ++run) {
    XPUQ_TRY(executable->run(in, out));
    for (std::size_t i = 0; i < least.size(); ++i) {
      const double total = executable->steps()[i].seconds;
      if (run > 0) least[i] = std::min(least[i], total - before[i]);  // the first run is slow everywhere
      before[i] = total;
    }
  }
  return least;
}

TargetSection section(std::string key, int threads, const std::vector<MeasuredStep>& steps, std::size_t plan) {
  Json chosen = Json::object();
  for (const MeasuredStep& s : steps)
    if (s.plan == plan) chosen[std::to_string(s.step)] = s.kernels[s.chosen].name;
  const auto text = std::make_shared<const std::string>(Json{{"threads", threads}, {"kernels", std::move(chosen)}}.dump());
  return {std::move(key), std::as_bytes(std::span(*text)), text};
}

}  // namespace

Result<CpuTuning> tune_cpu(const Artifact& artifact, int threads, std::vector<TargetSection>& sections) {
  XPUQ_ASSIGN(const std::shared_ptr<Engine> engine, load_engine("cpu"));
  CpuTuning out{.device = engine->device_name() + ", " + engine->library(), .steps = {}};
  for (std::size_t p = 0; p < artifact.plans.size(); ++p) {
    const Plan& plan = artifact.plans[p];
    EngineOptions options;
    options.threads = threads;
    const auto kernels = engine->kernels(plan, options);
    std::size_t most = 1;
    for (const auto& names : kernels) most = std::max(most, names.size());
    // One load measures one kernel of every step, inside the whole plan: what lies in the caches is part of the time.
    // Twice in turn, so that a disturbance does not decide.
    std::vector<StepSeconds> seconds(most, StepSeconds(plan.steps.size(), 1e9));
    for (int round = 0; round < 2; ++round) {
      for (std::size_t k = 0; k < most; ++k) {
        std::vector<std::string> wanted(plan.steps.size());
        for (std::size_t i = 0; i < wanted.size(); ++i)
          if (!kernels[i].empty()) wanted[i] = kernels[i][std::min(k, kernels[i].size() - 1)];
        XPUQ_ASSIGN(const StepSeconds now, measure(*engine, plan, options, std::move(wanted)));
        for (std::size_t i = 0; i < now.size(); ++i) {
          double& least = seconds[kernels[i].empty() ? 0 : std::min(k, kernels[i].size() - 1)][i];
          least = std::min(least, now[i]);
        }
      }
    }
    for (std::uint32_t i = 0; i < plan.steps.size(); ++i) {
      out.seconds_before += seconds[0][i];
      if (kernels[i].empty()) {
        out.seconds_after += seconds[0][i];
        continue;
      }
      MeasuredStep s{.plan = p, .step = i, .nodes = plan.steps[i].origin, .op = std::string(to_string(plan.steps[i].op)), .kernels = {}};
      for (std::size_t k = 0; k < kernels[i].size(); ++k) {
        s.kernels.push_back({kernels[i][k], seconds[k][i]});
        if (seconds[k][i] < kWorthChanging * seconds[0][i] && seconds[k][i] < s.kernels[s.chosen].seconds) s.chosen = k;
      }
      out.seconds_after += s.kernels[s.chosen].seconds;
      out.steps.push_back(std::move(s));
    }
    sections.push_back(section(section_key(*engine, p), threads, out.steps, p));
  }
  return out;
}

std::vector<std::string> tuned_kernels(const Artifact& artifact, std::size_t plan, const Engine& engine) {
  const std::string key = section_key(engine, plan);
  const auto found = std::find_if(artifact.targets.begin(), artifact.targets.end(), [&](const TargetSection& s) { return s.key == key; });
  std::vector<std::string> kernels;
  if (found == artifact.targets.end()) return kernels;
  const auto document = parse_json({reinterpret_cast<const char*>(found->bytes.data()), found->bytes.size()}, "E502", key);
  if (!document.ok() || !document->is_object() || !document->contains("kernels") || !(*document)["kernels"].is_object()) return kernels;
  kernels.resize(artifact.plans[plan].steps.size());
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    const auto name = (*document)["kernels"].find(std::to_string(i));
    if (name != (*document)["kernels"].end() && name->is_string()) kernels[i] = name->get<std::string>();
  }
  return kernels;
}

}  // namespace xpuq
