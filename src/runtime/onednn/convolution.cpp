// conv on oneDNN's convolution, float and int8. Activations always go in and out in channels_last order, the one the
// plan uses between convolutions; on AVX2 and AVX-512 oneDNN is as fast with it as with blocked layouts.
#include "ops/window.h"
#include "runtime/onednn/steps.h"
#include "runtime/onednn/weighted_step.h"

namespace xpuq::onednn {
namespace {

using ops::read_window;
using ops::Window;

using dnnl::memory;

/// Weights of `groups` groups as oneDNN counts them: [G, OC/G, IC/G, k...].
Dims grouped_dims(const Shape& wei, std::int64_t groups) {
  Dims dims = wei;
  if (groups == 1) return dims;
  dims[0] /= groups;
  dims.insert(dims.begin(), groups);
  return dims;
}

dnnl::convolution_forward::primitive_desc describe_convolution(const StepContext& c, const Library& library,
                                                               const WeightedStep& step,
                                                               const dnnl::primitive_attr& attr) {
  const Shape& wei = c.in(1).shape;
  const Window w = read_window(c.attributes(), Ints(wei.begin() + 2, wei.end()));
  Dims dilations;
  for (std::int64_t d : w.dilations) dilations.push_back(d - 1);  // oneDNN counts the gaps
  // What floor division leaves over at the end is no error in oneDNN, so pads_end goes in as it is.
  const Dims dims = grouped_dims(wei, c.attributes().get_int("groups", 1));
  return {library.engine, dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
          describe(c.in(0), Layout::channels_last), memory::desc(dims, stored_type(c.in(1)), memory::format_tag::any),
          step.bias(), describe(c.out(), Layout::channels_last), w.strides, dilations, w.pads_begin, w.pads_end, attr};
}

StepPtr convolve(const StepContext& c, const Library& library) {
  WeightedStep step(c, library);
  const auto attr = step.attributes();
  if (!attr) return nullptr;
  auto pd = describe_convolution(c, library, step, *attr);
  while (!c.kernel().empty() && pd.impl_info_str() != c.kernel()) {
    if (!pd.next_impl()) return nullptr;
  }
  const Dims dims = grouped_dims(c.in(1).shape, c.attributes().get_int("groups", 1));
  return step.finish<dnnl::convolution_forward>(pd, describe(c.in(0)), row_major(dims, stored_type(c.in(1))),
                                                describe(c.out()), "convolution");
}

}  // namespace

StepPtr make_convolution(const StepContext& c, const Library& library) {
  if (c.has_empty() || !is_real(c.in(0)) || !is_real(c.out())) return nullptr;
  return convolve(c, library);
}

StepPtr make_int8_convolution(const StepContext& c, const Library& library) {
  if (c.has_empty() || !is_int8(c.in(0)) || c.constant<std::byte>(1) == nullptr) return nullptr;
  if (!is_real(c.out()) && !is_int8(c.out())) return nullptr;
  return convolve(c, library);
}

std::vector<std::string> int8_convolution_kernels(const StepContext& c, const Library& library) {
  WeightedStep step(c, library);
  std::vector<std::string> names;
  if (c.has_empty() || c.constant<std::byte>(1) == nullptr) return names;
  const auto attr = step.attributes();
  if (!attr) return names;
  auto pd = describe_convolution(c, library, step, *attr);
  do {
    names.emplace_back(pd.impl_info_str());
  } while (pd.next_impl());
  return names;
}

StepPtr make_deconvolution(const StepContext& c, const Library& library) {
  if (c.has_empty() || !is_real(c.in(0))) return nullptr;
  const Shape& wei = c.in(1).shape;
  const std::int64_t groups = c.attributes().get_int("groups", 1);
  const Window w = read_window(c.attributes(), Ints(wei.begin() + 2, wei.end()));
  WeightedStep step(c, library);
  const auto attr = step.attributes();
  if (!attr) return nullptr;

  // The plan has [IC, OC/G, k...], oneDNN counts [G, OC/G, IC/G, k...]: a transposed view of the same bytes.
  const Dims plain = strides_of(c.in(1));
  Dims dims = wei, strides = plain;
  std::swap(dims[0], dims[1]);
  std::swap(strides[0], strides[1]);
  if (groups > 1) {
    dims[1] /= groups;
    dims.insert(dims.begin(), groups);
    strides.insert(strides.begin(), plain[0] * (wei[0] / groups));
  }
  Dims dilations, pads_end = w.pads_end;
  for (std::int64_t d : w.dilations) dilations.push_back(d - 1);
  const Ints& output_padding = c.attributes().get_ints("output_padding");
  for (std::size_t i = 0; i < pads_end.size(); ++i) pads_end[i] -= output_padding[i];
  const dnnl::deconvolution_forward::primitive_desc pd(
      library.engine, dnnl::prop_kind::forward_inference, dnnl::algorithm::deconvolution_direct,
      describe(c.in(0), Layout::channels_last), memory::desc(dims, stored_type(c.in(1)), memory::format_tag::any),
      step.bias(), describe(c.out(), Layout::channels_last), w.strides, dilations, w.pads_begin, pads_end, *attr);
  return step.finish<dnnl::deconvolution_forward>(pd, describe(c.in(0)),
                                                  memory::desc(dims, stored_type(c.in(1)), strides),
                                                  describe(c.out()), "deconvolution");
}

}  // namespace xpuq::onednn
