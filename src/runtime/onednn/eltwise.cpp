// Pointwise operations of one f32 input: memory order does not matter, so the value is one long row.
#include "runtime/onednn/post_ops.h"
#include "runtime/onednn/steps.h"

namespace xpuq::onednn {

StepPtr make_eltwise(const StepContext& c, const Library& library) {
  if (c.has_empty() || !is_f32(c.in(0)) || !same_order(c.in(0), c.out())) return nullptr;
  // oneDNN's log(1 + exp(x)) loses its digits where exp(x) is small, and Mish multiplies what is left by x.
  if (c.op() == OpKind::softplus) return nullptr;
  std::optional<Eltwise> e = as_eltwise(c.op(), c.attributes());
  if (c.op() == OpKind::neg) e = Eltwise{dnnl::algorithm::eltwise_linear, -1.0f};
  if (c.op() == OpKind::reciprocal) e = Eltwise{dnnl::algorithm::eltwise_pow, 1.0f, -1.0f};
  if (c.op() == OpKind::pow) {
    // x^c with a constant exponent; other powers are rare.
    const auto* exponent = c.constant<float>(1);
    if (exponent == nullptr || c.in(1).elements() != 1 || c.in(0).shape != c.out().shape) return nullptr;
    e = Eltwise{dnnl::algorithm::eltwise_pow, 1.0f, *exponent};
  }
  if (!e) return nullptr;
  const auto row = row_major({c.in(0).elements()});
  const dnnl::eltwise_forward::primitive_desc pd(library.engine, dnnl::prop_kind::forward_inference, e->algorithm, row,
                                                 row, e->alpha, e->beta, user_scratchpad());
  auto step = std::make_unique<PrimitiveStep>(library);
  step->add(dnnl::eltwise_forward(pd), pd.scratchpad_desc(),
            {{DNNL_ARG_SRC, step->value(c.in_value(0)), row}, {DNNL_ARG_DST, step->value(c.out_value()), row}});
  step->named("eltwise", pd.impl_info_str());
  return step;
}

}  // namespace xpuq::onednn
