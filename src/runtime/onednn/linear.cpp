// linear on oneDNN's inner product, float and int8: leading axes are one batch.
#include "runtime/onednn/steps.h"
#include "runtime/onednn/weighted_step.h"

namespace xpuq::onednn {
namespace {

using dnnl::memory;

StepPtr multiply(const StepContext& c, const Library& library) {
  if (c.has_empty() || !same_order(c.in(0), Layout::plain) || !same_order(c.out(), Layout::plain)) return nullptr;
  const std::int64_t outputs = c.in(1).shape[0], inputs = c.in(1).shape[1];
  const std::int64_t rows = c.in(0).elements() / inputs;
  WeightedStep step(c, library);
  const auto attr = step.attributes();
  if (!attr) return nullptr;
  const memory::desc src = row_major({rows, inputs}, stored_type(c.in(0)));
  const memory::desc dst = row_major({rows, outputs}, stored_type(c.out()));
  const dnnl::inner_product_forward::primitive_desc pd(
      library.engine, dnnl::prop_kind::forward_inference, src,
      memory::desc({outputs, inputs}, stored_type(c.in(1)), memory::format_tag::any), step.bias(), dst, *attr);
  return step.finish<dnnl::inner_product_forward>(pd, src, row_major({outputs, inputs}, stored_type(c.in(1))), dst,
                                                  "inner_product");
}

}  // namespace

StepPtr make_linear(const StepContext& c, const Library& library) {
  if (!is_f32(c.in(0)) || !is_f32(c.out())) return nullptr;
  return multiply(c, library);
}

StepPtr make_int8_linear(const StepContext& c, const Library& library) {
  if (!is_shifted(c.in(0)) || c.constant<std::byte>(1) == nullptr) return nullptr;
  if (!is_f32(c.out()) && !is_shifted(c.out())) return nullptr;
  return multiply(c, library);
}

}  // namespace xpuq::onednn
