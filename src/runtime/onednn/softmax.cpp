// softmax and log_softmax over one axis, seen as (outer, axis, inner).
#include "runtime/onednn/steps.h"

namespace xpuq::onednn {

StepPtr make_softmax(const StepContext& c, const Library& library) {
  if (c.has_empty() || !is_f32(c.in(0))) return nullptr;
  if (!same_order(c.in(0), Layout::plain) || !same_order(c.out(), Layout::plain)) return nullptr;
  const Shape& shape = c.in(0).shape;
  const auto axis = static_cast<std::size_t>(c.attributes().get_int("axis", 0));
  Dims dims{1, shape[axis], 1};
  for (std::size_t i = 0; i < axis; ++i) dims[0] *= shape[i];
  for (std::size_t i = axis + 1; i < shape.size(); ++i) dims[2] *= shape[i];
  const bool last = dims[2] == 1;
  const auto desc = last ? row_major({dims[0], dims[1]}) : row_major(dims);
  const auto algorithm =
      c.op() == OpKind::softmax ? dnnl::algorithm::softmax_accurate : dnnl::algorithm::softmax_log;
  const dnnl::softmax_forward::primitive_desc pd(library.engine, dnnl::prop_kind::forward_inference, algorithm, desc,
                                                 desc, 1, user_scratchpad());
  auto step = std::make_unique<PrimitiveStep>(library);
  step->add(dnnl::softmax_forward(pd), pd.scratchpad_desc(),
            {{DNNL_ARG_SRC, step->value(c.in_value(0)), desc}, {DNNL_ARG_DST, step->value(c.out_value()), desc}});
  step->named("softmax", pd.impl_info_str());
  return step;
}

}  // namespace xpuq::onednn
