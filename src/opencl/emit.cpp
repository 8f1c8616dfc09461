#include "opencl/expression.h"
#include "opencl/kernel.h"
#include "opencl/pointwise.h"

namespace xpuq::opencl {

Result<std::vector<Kernel>> emit(const Plan& plan, const Group& group) {
  bool empty = true, expression = true;
  for (const std::uint32_t v : group.outputs) empty = empty && plan.values[v].type.elements() == 0;
  if (empty) return std::vector<Kernel>{};
  for (const std::uint32_t s : group.steps) expression = expression && is_expression_step(plan, plan.steps[s]);
  if (expression) return emit_pointwise(plan, group);
  const Step& step = plan.steps[group.steps.back()];
  return make_error("E601", std::string(to_string(step.op)), "no GPU kernel for this operation");
}

}  // namespace xpuq::opencl
