// A plan that was just built, run on the CPU engine: what calibration and compilation measure with.
#pragma once

#include <memory>
#include <vector>

#include "plan/plan.h"
#include "runtime/engine.h"
#include "xpuq/result.h"
#include "xpuq/types.h"

namespace xpuq {

class PlanRunner {
 public:
  static Result<PlanRunner> load(Engine& engine, Plan plan, int threads);

  /// `inputs` are full batches, in the plan's order. outputs() is good until the next run.
  Result<void> run(const std::vector<Tensor>& inputs);
  const std::vector<Tensor>& outputs() const { return outputs_; }

  const Plan& plan() const { return *plan_; }
  /// A float value that the plan keeps to the end of a run (what an observe node looks at).
  std::span<const float> value(std::uint32_t v, const std::vector<Tensor>& inputs) const;

 private:
  std::unique_ptr<const Plan> plan_;  // the executable refers to it
  std::unique_ptr<Executable> executable_;
  std::vector<Tensor> outputs_;
};

}  // namespace xpuq
