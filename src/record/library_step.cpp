#include "record/library_step.h"

#include <algorithm>

#include "runtime/onednn/steps.h"
#include "support/check.h"

namespace xpuq::record {
namespace {

using Maker = StepPtr (*)(const StepContext&, const onednn::Library&);

Maker maker_of(const StepContext& c) {
  const bool int8 = onednn::is_int8(c.in(0));
  switch (c.op()) {
    case OpKind::conv: return int8 ? onednn::make_int8_convolution : onednn::make_convolution;
    case OpKind::linear: return int8 ? onednn::make_int8_linear : onednn::make_linear;
    case OpKind::conv_transpose: return onednn::make_deconvolution;
    case OpKind::matmul: return onednn::make_matmul;
    case OpKind::max_pool: return onednn::make_pooling;
    default: return nullptr;
  }
}

}  // namespace

bool is_library_step(const Plan& plan, const Step& step) {
  return maker_of(StepContext(plan, step, {}, 1)) != nullptr;
}

StepPtr make_library_step(const Plan& plan, const Step& step, const onednn::Library& library) {
  const EngineOptions options;
  const StepContext context(plan, step, options, 1);
  const Maker maker = maker_of(context);
  if (maker == nullptr) return nullptr;
  try {
    StepPtr made = maker(context, library);
    if (made && made->implementation().find("ref") != std::string::npos) return nullptr;
    return made;
  } catch (const dnnl::error& e) {
    if (e.status == dnnl_unimplemented || e.status == dnnl_invalid_arguments) return nullptr;
    throw;
  }
}

std::vector<std::uint32_t> library_values(const StepImpl& step) {
  return static_cast<const onednn::PrimitiveStep&>(step).used_values();
}

}  // namespace xpuq::record
