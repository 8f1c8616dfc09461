// Moves that pick elements by index: gather, gather_elements, gather_nd, nearest resize, pads that mirror or repeat.
#pragma once

#include <vector>

#include "opencl/kernel.h"

namespace xpuq::opencl {

/// An index outside its axis, which the interpreter reports as an error, reads the nearest element inside.
Result<std::vector<Kernel>> emit_gather(const Plan& plan, const Step& step);

/// dst[o] = src[maps[0][o0], maps[1][o1], ...]; an empty map is the identity.
Kernel emit_mapped(const Plan& plan, const Step& step, const std::vector<std::vector<std::int32_t>>& maps);

/// A reshape whose elements no constant strides find: between layouts, or into rows of another length.
Result<std::vector<Kernel>> emit_reshape(const Plan& plan, const Step& step);

/// Pads of mode reflect and edge.
Result<std::vector<Kernel>> emit_mirrored_pad(const Plan& plan, const Step& step);

}  // namespace xpuq::opencl
