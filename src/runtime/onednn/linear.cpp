// linear, float and int8: leading axes are one batch. A CPU has oneDNN's inner product for it, a GPU its matmul (the
// one that is generated there).
#include "runtime/onednn/steps.h"
#include "runtime/onednn/weighted_step.h"

namespace xpuq::onednn {
namespace {

using dnnl::memory;

StepPtr multiply(const StepContext& c, const Library& library) {
  if (c.has_empty() || !same_order(c.in(0), Layout::plain) || !same_order(c.out(), Layout::plain)) return nullptr;
  const std::int64_t outputs = c.in(1).shape[0], inputs = c.in(1).shape[1];
  const std::int64_t rows = c.in(0).elements() / inputs;
  using Channels = WeightedStep::Channels;
  WeightedStep step(c, library, library.is_gpu() ? Channels::columns : Channels::rows);
  const auto attr = step.attributes();
  if (!attr) return nullptr;
  const memory::desc src = row_major({rows, inputs}, stored_type(c.in(0)));
  const memory::desc dst = row_major({rows, outputs}, stored_type(c.out()));
  if (library.is_gpu()) {
    const auto type = stored_type(c.in(1));
    const dnnl::matmul::primitive_desc pd(library.engine, src,
                                          memory::desc({inputs, outputs}, type, memory::format_tag::any), step.bias(),
                                          dst, *attr);
    return step.finish<dnnl::matmul>(pd, src, memory::desc({inputs, outputs}, type, memory::format_tag::ba), dst,
                                     "matmul");
  }
  const dnnl::inner_product_forward::primitive_desc pd(
      library.engine, dnnl::prop_kind::forward_inference, src,
      memory::desc({outputs, inputs}, stored_type(c.in(1)), memory::format_tag::any), step.bias(), dst, *attr);
  return step.finish<dnnl::inner_product_forward>(pd, src, row_major({outputs, inputs}, stored_type(c.in(1))), dst,
                                                  "inner_product");
}

}  // namespace

StepPtr make_linear(const StepContext& c, const Library& library) {
  if (!is_real(c.in(0)) || !is_real(c.out())) return nullptr;
  return multiply(c, library);
}

StepPtr make_int8_linear(const StepContext& c, const Library& library) {
  if (!is_int8(c.in(0)) || c.constant<std::byte>(1) == nullptr) return nullptr;
  if (!is_real(c.out()) && !is_int8(c.out())) return nullptr;
  return multiply(c, library);
}

}  // namespace xpuq::onednn
