// reduce_mean, _sum and _prod on f32. Not _max and _min: oneDNN starts a maximum at the lowest finite float, so a row of
// -inf (a masked one, of which attention asks this) would not be -inf, and NaN gets lost on the way.
#include "runtime/onednn/steps.h"

namespace xpuq::onednn {
namespace {

std::optional<dnnl::algorithm> algorithm_of(OpKind kind) {
  switch (kind) {
    case OpKind::reduce_mean: return dnnl::algorithm::reduction_mean;
    case OpKind::reduce_sum: return dnnl::algorithm::reduction_sum;
    case OpKind::reduce_prod: return dnnl::algorithm::reduction_mul;
    default: return std::nullopt;
  }
}

}  // namespace

StepPtr make_reduction(const StepContext& c, const Library& library) {
  const auto algorithm = algorithm_of(c.op());
  if (!algorithm || c.has_empty() || !is_f32(c.in(0))) return nullptr;
  // dst with its reduced axes kept; without them it must be row-major to be seen so.
  Dims dims = c.in(0).shape;
  bool reduces = false;
  for (std::int64_t axis : c.attributes().get_ints("axes")) {
    reduces = reduces || dims[axis] != 1;
    dims[axis] = 1;
  }
  const bool keeps = c.attributes().get_int("keepdims", 0) != 0;
  if (!reduces || (!keeps && !same_order(c.out(), Layout::plain))) return nullptr;
  const auto src = describe(c.in(0));
  const auto dst = keeps ? describe(c.out()) : row_major(dims);
  const dnnl::reduction::primitive_desc pd(library.engine, *algorithm, src, dst, 0.0f, 0.0f, user_scratchpad());
  auto step = std::make_unique<PrimitiveStep>(library);
  step->add(dnnl::reduction(pd), pd.scratchpad_desc(),
            {{DNNL_ARG_SRC, step->value(c.in_value(0)), src}, {DNNL_ARG_DST, step->value(c.out_value()), dst}});
  step->named("reduction", pd.impl_info_str());
  return step;
}

}  // namespace xpuq::onednn
