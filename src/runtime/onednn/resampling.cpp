// Linear resize with half-pixel coordinates, the one that oneDNN's resampling computes. Others take the plain loops.
#include "runtime/onednn/steps.h"

namespace xpuq::onednn {

StepPtr make_resampling(const StepContext& c, const Library& library) {
  const Attributes& a = c.attributes();
  if (c.has_empty() || !is_f32(c.in(0)) || a.get_string("mode") != "linear") return nullptr;
  const std::string& coordinates = a.get_string("coordinates");
  if (coordinates != "half_pixel" && coordinates != "pytorch_half_pixel") return nullptr;
  const Shape& in = c.in(0).shape;
  const Shape& out = c.out().shape;
  if (in.size() < 3 || in.size() > 5 || in[0] != out[0] || in[1] != out[1]) return nullptr;
  for (std::size_t i = 2; i < in.size(); ++i) {
    // oneDNN uses the ratio of the sizes; the model may have stated another factor.
    const auto ratio = static_cast<double>(out[i]) / static_cast<double>(in[i]);
    if (static_cast<float>(a.get_floats("scales")[i]) != static_cast<float>(ratio)) return nullptr;
    if (coordinates == "pytorch_half_pixel" && out[i] == 1) return nullptr;
  }
  const auto src = describe(c.in(0)), dst = describe(c.out());
  const dnnl::resampling_forward::primitive_desc pd(library.engine, dnnl::prop_kind::forward_inference,
                                                    dnnl::algorithm::resampling_linear, src, dst, user_scratchpad());
  auto step = std::make_unique<PrimitiveStep>(library);
  step->add(dnnl::resampling_forward(pd), pd.scratchpad_desc(),
            {{DNNL_ARG_SRC, step->value(c.in_value(0)), src}, {DNNL_ARG_DST, step->value(c.out_value()), dst}});
  step->named("resampling", pd.impl_info_str());
  return step;
}

}  // namespace xpuq::onednn
