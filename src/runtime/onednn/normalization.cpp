// layer_norm over the last axes, seen as rows; batchnorm with given statistics.
#include "runtime/onednn/steps.h"

namespace xpuq::onednn {
namespace {

using Flags = dnnl::normalization_flags;

StepPtr layer_norm(const StepContext& c, const Library& library) {
  if (!same_order(c.in(0), Layout::plain) || !same_order(c.out(), Layout::plain)) return nullptr;
  const Shape& shape = c.in(0).shape;
  std::int64_t inner = 1;
  for (auto i = static_cast<std::size_t>(c.attributes().get_int("axis", 0)); i < shape.size(); ++i) inner *= shape[i];
  const auto rows = row_major({c.in(0).elements() / inner, inner}), parameter = row_major({inner});
  Flags flags = Flags::none;
  for (std::size_t i = 1; i < c.input_count(); ++i) {
    if (!is_f32(c.in(i))) return nullptr;
    flags |= i == 1 ? Flags::use_scale : Flags::use_shift;
  }
  const dnnl::layer_normalization_forward::primitive_desc pd(
      library.engine, dnnl::prop_kind::forward_inference, rows, rows,
      static_cast<float>(c.attributes().get_float("eps", 0)), flags, user_scratchpad());
  auto step = std::make_unique<PrimitiveStep>(library);
  std::vector<PrimitiveStep::Argument> arguments{{DNNL_ARG_SRC, step->value(c.in_value(0)), rows},
                                                 {DNNL_ARG_DST, step->value(c.out_value()), rows}};
  for (std::size_t i = 1; i < c.input_count(); ++i) {
    arguments.push_back({i == 1 ? DNNL_ARG_SCALE : DNNL_ARG_SHIFT, step->value(c.in_value(i)), parameter});
  }
  step->add(dnnl::layer_normalization_forward(pd), pd.scratchpad_desc(), std::move(arguments));
  step->named("layer_normalization", pd.impl_info_str());
  return step;
}

StepPtr batchnorm(const StepContext& c, const Library& library) {
  for (std::size_t i = 1; i < 5; ++i) {
    if (!is_f32(c.in(i))) return nullptr;
  }
  const auto src = describe(c.in(0)), dst = describe(c.out()), parameter = row_major({c.in(0).shape[1]});
  const dnnl::batch_normalization_forward::primitive_desc pd(
      library.engine, dnnl::prop_kind::forward_inference, src, dst,
      static_cast<float>(c.attributes().get_float("eps", 0)),
      Flags::use_global_stats | Flags::use_scale | Flags::use_shift, user_scratchpad());
  auto step = std::make_unique<PrimitiveStep>(library);
  step->add(dnnl::batch_normalization_forward(pd), pd.scratchpad_desc(),
            {{DNNL_ARG_SRC, step->value(c.in_value(0)), src},
             {DNNL_ARG_SCALE, step->value(c.in_value(1)), parameter},
             {DNNL_ARG_SHIFT, step->value(c.in_value(2)), parameter},
             {DNNL_ARG_MEAN, step->value(c.in_value(3)), parameter},
             {DNNL_ARG_VARIANCE, step->value(c.in_value(4)), parameter},
             {DNNL_ARG_DST, step->value(c.out_value()), dst}});
  step->named("batch_normalization", pd.impl_info_str());
  return step;
}

}  // namespace

StepPtr make_normalization(const StepContext& c, const Library& library) {
  if (c.has_empty() || !is_f32(c.in(0))) return nullptr;
  if (c.op() == OpKind::layer_norm) return layer_norm(c, library);
  return c.op() == OpKind::batchnorm ? batchnorm(c, library) : nullptr;
}

}  // namespace xpuq::onednn
