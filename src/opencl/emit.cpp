#include "opencl/expression.h"
#include "opencl/grid_sample.h"
#include "opencl/indexed_move.h"
#include "opencl/kernel.h"
#include "opencl/line.h"
#include "opencl/normalization.h"
#include "opencl/pointwise.h"
#include "opencl/pool.h"
#include "opencl/reduce.h"
#include "opencl/refuse.h"
#include "opencl/resize.h"
#include "opencl/scatter.h"
#include "opencl/source.h"
#include "opencl/softmax.h"
#include "opencl/tail.h"
#include "opencl/weighted.h"

namespace xpuq::opencl {

Result<std::vector<Kernel>> emit(const Plan& plan, const Group& group) {
  bool empty = true, expression = true;
  for (const std::uint32_t v : group.outputs) empty = empty && plan.values[v].type.elements() == 0;
  if (empty) return std::vector<Kernel>{};
  for (const std::uint32_t s : group.steps) expression = expression && is_expression_step(plan, plan.steps[s]);
  if (expression) {
    auto kernels = emit_pointwise(plan, group);
    const Step& only = plan.steps[group.steps.back()];
    const bool reshape = only.op == OpKind::reshape || only.op == OpKind::flatten;
    return kernels.ok() || group.steps.size() > 1 || !reshape ? std::move(kernels) : emit_reshape(plan, only);
  }
  // A group is one operation, with pointwise steps before and behind it perhaps.
  const std::size_t head = head_of(plan, group.steps);
  const auto at_head = group.steps.begin() + static_cast<std::ptrdiff_t>(head);
  const Step& step = plan.steps[*at_head];
  const Source source(plan, step, {group.steps.begin(), at_head});
  const Tail tail(plan, {at_head, group.steps.end()});
  switch (step.op) {
    case OpKind::max_pool: case OpKind::avg_pool: case OpKind::adaptive_avg_pool: return emit_pool(plan, step, source, tail);
    case OpKind::reduce_mean: case OpKind::reduce_sum: case OpKind::reduce_max: case OpKind::reduce_min:
    case OpKind::reduce_prod: case OpKind::argmax: return emit_reduce(plan, step, source, tail);
    case OpKind::softmax: case OpKind::log_softmax: return emit_softmax(plan, step, source, tail);
    case OpKind::batchnorm: case OpKind::layer_norm: case OpKind::group_norm: return emit_normalization(plan, step, source, tail);
    case OpKind::gather: case OpKind::gather_elements: case OpKind::gather_nd: return emit_gather(plan, step);
    case OpKind::pad: return emit_mirrored_pad(plan, step);
    case OpKind::resize: return emit_resize(plan, step, tail);
    case OpKind::cumsum: return emit_cumsum(plan, step);
    case OpKind::topk: return emit_topk(plan, step);
    case OpKind::scatter_elements: case OpKind::scatter_nd: return emit_scatter(plan, step);
    case OpKind::grid_sample: return emit_grid_sample(plan, step);
    case OpKind::conv: case OpKind::conv_transpose: case OpKind::linear: case OpKind::matmul: return emit_weighted(plan, step);
    default: return refusal(step, "not written yet");
  }
}

}  // namespace xpuq::opencl
