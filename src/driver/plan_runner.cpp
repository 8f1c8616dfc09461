#include "driver/plan_runner.h"

#include <algorithm>

#include "support/check.h"

namespace xpuq {
namespace {

std::size_t position(const std::vector<std::uint32_t>& list, std::uint32_t v) {
  const auto it = std::find(list.begin(), list.end(), v);
  XPUQ_CHECK(it != list.end(), "an observed input or output is bound");
  return static_cast<std::size_t>(it - list.begin());
}

}  // namespace

Result<PlanRunner> PlanRunner::load(Engine& engine, Plan plan, int threads) {
  PlanRunner runner;
  runner.plan_ = std::make_unique<const Plan>(std::move(plan));
  XPUQ_ASSIGN(runner.executable_, engine.load(*runner.plan_, {.threads = threads}));
  for (std::uint32_t v : runner.plan_->outputs) runner.outputs_.emplace_back(runner.plan_->values[v].type.dtype, runner.plan_->values[v].type.shape);
  return runner;
}

Result<void> PlanRunner::run(const std::vector<Tensor>& inputs) {
  std::vector<const void*> in;
  std::vector<void*> out;
  for (const Tensor& t : inputs) in.push_back(t.raw());
  for (Tensor& t : outputs_) out.push_back(t.raw());
  return executable_->run(in, out);
}

std::span<const float> PlanRunner::value(std::uint32_t v, const std::vector<Tensor>& inputs) const {
  const void* bytes = nullptr;
  switch (plan_->values[v].place) {
    case Place::input: bytes = inputs[position(plan_->inputs, v)].raw(); break;
    case Place::output: bytes = outputs_[position(plan_->outputs, v)].raw(); break;
    default: bytes = executable_->value_bytes(v);
  }
  return {static_cast<const float*>(bytes), static_cast<std::size_t>(plan_->values[v].type.elements())};
}

}  // namespace xpuq
