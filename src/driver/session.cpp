#include <algorithm>
#include <chrono>

#include "driver/run.h"
#include "support/file.h"
#include "support/text.h"

namespace xpuq {
namespace {

std::int64_t plan_batch(const Plan& plan) {
  if (plan.inputs.empty()) return 1;
  const Shape& shape = plan.values[plan.inputs[0]].type.shape;
  return shape.empty() ? 1 : shape[0];
}

}  // namespace

Result<Session> Session::open(const std::string& path, const std::string& device, std::optional<std::int64_t> batch, const EngineOptions& options, bool cache, const ReadOptions& read) {
  const auto start = std::chrono::steady_clock::now();
  XPUQ_ASSIGN(Artifact artifact, open_artifact(path, read));
  Session session;
  if (batch) {
    std::vector<std::string> present;
    const auto it = std::find_if(artifact.plans.begin(), artifact.plans.end(), [&](const Plan& p) { return plan_batch(p) == *batch; });
    for (const Plan& p : artifact.plans) present.push_back(std::to_string(plan_batch(p)));
    if (it == artifact.plans.end())
      return Error{.code = "E209", .who = "--batch " + std::to_string(*batch), .what = path + " has no plan for this batch", .got = {}, .expected = join(present, ", "),
                   .remedy = "xpuq-compile --batch " + std::to_string(*batch), .node = {}};
    session.plan_index_ = static_cast<std::size_t>(it - artifact.plans.begin());
  }
  session.artifact_ = std::make_shared<const Artifact>(std::move(artifact));
  XPUQ_ASSIGN(session.placement_, place(session.artifact_, session.plan_index_, path, {.device = device, .cache = cache}));
  XPUQ_ASSIGN(session.executable_, session.placement_->load(options));
  session.load_seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return session;
}

Result<Session> Session::another(const EngineOptions& options) const {
  Session session;
  session.artifact_ = artifact_;
  session.placement_ = placement_;
  session.plan_index_ = plan_index_;
  XPUQ_ASSIGN(session.executable_, placement_->load(options));
  return session;
}

std::int64_t Session::batch() const { return plan_batch(plan()); }

Result<std::vector<Tensor>> Session::run(const std::vector<Tensor>& inputs) {
  std::vector<Tensor> outputs;
  std::vector<const void*> in;
  std::vector<void*> out;
  for (const Tensor& t : inputs) in.push_back(t.raw());
  for (std::uint32_t v : plan().outputs) outputs.emplace_back(plan().values[v].type.dtype, plan().values[v].type.shape);
  for (Tensor& t : outputs) out.push_back(t.raw());
  XPUQ_TRY(executable_->run(in, out));
  return outputs;
}

}  // namespace xpuq
