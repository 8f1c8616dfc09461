// max_pool, avg_pool and evenly dividing adaptive_avg_pool on floats; on a GPU also max_pool on int8.
#include <algorithm>

#include "ops/window.h"
#include "runtime/onednn/steps.h"

namespace xpuq::onednn {
namespace {

using ops::read_window;
using ops::Window;
using ops::window_extent;

using dnnl::algorithm;

/// The window of the pool; for an adaptive one when all its windows are equal.
std::optional<Window> window_of(const StepContext& c) {
  if (c.op() != OpKind::adaptive_avg_pool) return read_window(c.attributes(), c.attributes().get_ints("kernel"));
  Window w;
  const Ints& sizes = c.attributes().get_ints("output_size");
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::int64_t in = c.in(0).shape[i + 2];
    if (in % sizes[i] != 0) return std::nullopt;
    w.kernel.push_back(in / sizes[i]);
  }
  w.strides = w.kernel;
  w.pads_begin = w.pads_end = Ints(sizes.size(), 0);
  w.dilations = Ints(sizes.size(), 1);
  return w;
}

}  // namespace

StepPtr make_pooling(const StepContext& c, const Library& library) {
  const bool int8 = library.is_gpu() && c.op() == OpKind::max_pool && is_int8(c.in(0));
  if (c.has_empty() || (!is_real(c.in(0)) && !int8) || c.attributes().has("divisor_override")) return nullptr;
  const std::optional<Window> w = window_of(c);
  if (!w) return nullptr;
  const bool include = c.attributes().get_int("count_include_pad", 0) != 0;
  Dims pads_end = w->pads_end, dilations;
  bool padded = false;
  for (std::size_t i = 0; i < w->kernel.size(); ++i) {
    dilations.push_back(w->dilations[i] - 1);
    padded = padded || w->pads_begin[i] > 0 || w->pads_end[i] > 0;
    // ceil_mode lets the last window stick out: as much more padding, which an average must not count.
    const std::int64_t in = c.in(0).shape[i + 2], out = c.out().shape[i + 2];
    const std::int64_t needed = (out - 1) * w->strides[i] + window_extent(*w, i) - in - w->pads_begin[i];
    if (needed > pads_end[i]) {
      if (include) return nullptr;
      pads_end[i] = needed;
      padded = true;
    }
  }
  const algorithm kind = c.op() == OpKind::max_pool ? algorithm::pooling_max
                         : include && padded        ? algorithm::pooling_avg_include_padding
                                                    : algorithm::pooling_avg_exclude_padding;
  const auto src = describe(c.in(0)), dst = describe(c.out());
  const dnnl::pooling_forward::primitive_desc pd(library.engine, dnnl::prop_kind::forward_inference, kind, src, dst,
                                                 w->strides, w->kernel, dilations, w->pads_begin, pads_end,
                                                 user_scratchpad());
  auto step = std::make_unique<PrimitiveStep>(library);
  step->add(dnnl::pooling_forward(pd), pd.scratchpad_desc(),
            {{DNNL_ARG_SRC, step->value(c.in_value(0)), src}, {DNNL_ARG_DST, step->value(c.out_value()), dst}});
  step->named("pooling", pd.impl_info_str());
  return step;
}

// reduce_mean over the spatial axes of a channels_last value: oneDNN's reduction has only plain loops for it.
StepPtr make_global_average(const StepContext& c, const Library& library) {
  const TensorType& in = c.in(0);
  if (c.has_empty() || !is_f32(in) || same_order(in, Layout::plain)) return nullptr;
  Ints spatial;
  for (std::size_t i = 2; i < in.shape.size(); ++i) spatial.push_back(static_cast<std::int64_t>(i));
  if (c.attributes().get_ints("axes") != spatial) return nullptr;
  const Dims kernel(in.shape.begin() + 2, in.shape.end()), zeros(kernel.size(), 0);
  // One pixel: dst is the same in any layout, and without its reduced axes.
  TensorType pooled = in;
  std::fill(pooled.shape.begin() + 2, pooled.shape.end(), 1);
  const auto src = describe(in), dst = describe(pooled);
  const dnnl::pooling_forward::primitive_desc pd(library.engine, dnnl::prop_kind::forward_inference,
                                                 algorithm::pooling_avg_exclude_padding, src, dst, kernel, kernel,
                                                 zeros, zeros, zeros, user_scratchpad());
  auto step = std::make_unique<PrimitiveStep>(library);
  step->add(dnnl::pooling_forward(pd), pd.scratchpad_desc(),
            {{DNNL_ARG_SRC, step->value(c.in_value(0)), src}, {DNNL_ARG_DST, step->value(c.out_value()), dst}});
  step->named("pooling", pd.impl_info_str());
  return step;
}

}  // namespace xpuq::onednn
