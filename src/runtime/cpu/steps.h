// Makers of the steps that need no library. Each looks at the step and returns null when it is not its business; the
// plain loops at the end take everything.
#pragma once

#include <functional>

#include "runtime/cpu/step.h"

namespace xpuq::cpu {

StepPtr make_move_step(const StepContext& context);        ///< reshape, transpose, slice, expand, concat, reorder, pad
StepPtr make_quantize_step(const StepContext& context);    ///< quantize, dequantize
StepPtr make_cast_step(const StepContext& context);        ///< between f32 and bf16
StepPtr make_lookup_step(const StepContext& context);
StepPtr make_nearest_step(const StepContext& context);     ///< resize in mode "nearest"
StepPtr make_int8_pool_step(const StepContext& context);   ///< the three pools on u8 codes
StepPtr make_int8_conv_step(const StepContext& context);
std::vector<std::string> int8_conv_step_kernels(const StepContext& context);  ///< what it can be asked for
StepPtr make_int8_linear_step(const StepContext& context);

using StepMaker = std::function<StepPtr(const StepContext&)>;
/// A step with bf16 operands as what `make` gives for the same step on f32, between conversions.
StepPtr make_widened_step(const StepContext& context, const StepMaker& make);

/// Runs the reference interpreter on row-major copies of the inputs.
StepPtr make_reference_step(const StepContext& context);

}  // namespace xpuq::cpu
