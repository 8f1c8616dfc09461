// Pointwise arithmetic of two f32 inputs with broadcasting.
#include "runtime/onednn/steps.h"

namespace xpuq::onednn {
namespace {

std::optional<dnnl::algorithm> algorithm_of(OpKind kind) {
  switch (kind) {
    case OpKind::add: return dnnl::algorithm::binary_add;
    case OpKind::sub: return dnnl::algorithm::binary_sub;
    case OpKind::mul: return dnnl::algorithm::binary_mul;
    case OpKind::div: return dnnl::algorithm::binary_div;
    case OpKind::minimum: return dnnl::algorithm::binary_min;
    case OpKind::maximum: return dnnl::algorithm::binary_max;
    default: return std::nullopt;
  }
}

bool commutes(OpKind kind) { return kind != OpKind::sub && kind != OpKind::div; }

/// `type` with leading ones up to the rank of dst. Its strides stay those of its own layout.
dnnl::memory::desc padded(const TensorType& type, std::size_t rank) {
  Dims dims = type.shape, strides = strides_of(type);
  dims.insert(dims.begin(), rank - dims.size(), 1);
  strides.insert(strides.begin(), rank - strides.size(), type.elements());
  return {dims, stored_type(type), strides};
}

}  // namespace

StepPtr make_binary(const StepContext& c, const Library& library) {
  const auto algorithm = algorithm_of(c.op());
  if (!algorithm || c.has_empty() || !is_f32(c.in(0))) return nullptr;
  std::size_t first = 0, second = 1;
  // oneDNN broadcasts its second source.
  if (commutes(c.op()) && c.in(0).elements() < c.in(1).elements()) std::swap(first, second);
  const std::size_t rank = std::max<std::size_t>(1, c.out().shape.size());
  dnnl::memory::desc a, b, dst;
  if (c.in(0).shape == c.in(1).shape && c.in(0).layout == c.out().layout && c.in(1).layout == c.out().layout) {
    a = b = dst = row_major({c.out().elements()});
  } else {
    a = padded(c.in(first), rank);
    b = padded(c.in(second), rank);
    dst = padded(c.out(), rank);
  }
  const dnnl::binary::primitive_desc pd(library.engine, *algorithm, a, b, dst, user_scratchpad());
  auto step = std::make_unique<PrimitiveStep>(library);
  step->add(dnnl::binary(pd), pd.scratchpad_desc(),
            {{DNNL_ARG_SRC_0, step->value(c.in_value(first)), a},
             {DNNL_ARG_SRC_1, step->value(c.in_value(second)), b},
             {DNNL_ARG_DST, step->value(c.out_value()), dst}});
  step->named("binary", pd.impl_info_str());
  return step;
}

}  // namespace xpuq::onednn
