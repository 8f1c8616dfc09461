// matmul with broadcast batches. Attention multiplies two activations, so nothing is packed.
#include "runtime/onednn/steps.h"

namespace xpuq::onednn {

StepPtr make_matmul(const StepContext& c, const Library& library) {
  if (c.has_empty() || !is_real(c.in(0))) return nullptr;
  for (const TensorType* t : {&c.in(0), &c.in(1), &c.out()}) {
    if (!same_order(*t, Layout::plain)) return nullptr;
  }
  const std::size_t rank = c.out().shape.size();
  const auto padded = [&](const TensorType& t) {
    Dims dims = t.shape;
    dims.insert(dims.begin(), rank - dims.size(), 1);
    return row_major(dims, stored_type(t));
  };
  const auto a = padded(c.in(0)), b = padded(c.in(1)), dst = row_major(c.out().shape, stored_type(c.out()));
  const dnnl::matmul::primitive_desc pd(library.engine, a, b, dst, user_scratchpad());
  auto step = std::make_unique<PrimitiveStep>(library);
  step->add(dnnl::matmul(pd), pd.scratchpad_desc(),
            {{DNNL_ARG_SRC, step->value(c.in_value(0)), a},
             {DNNL_ARG_WEIGHTS, step->value(c.in_value(1)), b},
             {DNNL_ARG_DST, step->value(c.out_value()), dst}});
  step->named("matmul", pd.impl_info_str());
  return step;
}

}  // namespace xpuq::onednn
