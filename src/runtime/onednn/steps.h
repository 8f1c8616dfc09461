// Makers of steps that are oneDNN primitives. Each looks at the step and returns null when it is not its business or
// oneDNN has no such form; a dnnl::error that escapes means the same.
#pragma once

#include "runtime/cpu/step.h"
#include "runtime/onednn/memory.h"

namespace xpuq::onednn {

StepPtr make_convolution(const StepContext& context, const Library& library);
StepPtr make_int8_convolution(const StepContext& context, const Library& library);
/// oneDNN's implementations for it, in its order.
std::vector<std::string> int8_convolution_kernels(const StepContext& context, const Library& library);
StepPtr make_deconvolution(const StepContext& context, const Library& library);
StepPtr make_linear(const StepContext& context, const Library& library);
StepPtr make_int8_linear(const StepContext& context, const Library& library);
StepPtr make_matmul(const StepContext& context, const Library& library);
StepPtr make_pooling(const StepContext& context, const Library& library);
StepPtr make_global_average(const StepContext& context, const Library& library);
StepPtr make_softmax(const StepContext& context, const Library& library);
StepPtr make_normalization(const StepContext& context, const Library& library);
StepPtr make_eltwise(const StepContext& context, const Library& library);
StepPtr make_binary(const StepContext& context, const Library& library);
StepPtr make_reduction(const StepContext& context, const Library& library);
StepPtr make_resampling(const StepContext& context, const Library& library);

/// The step for one entry of the plan: the one it asks for, if that takes it, else the best, the plain loops at the end.
StepPtr make_step(const StepContext& context, const Library& library);
/// What it can ask for (Engine::kernels).
std::vector<std::string> step_kernels(const StepContext& context, const Library& library);

}  // namespace xpuq::onednn
