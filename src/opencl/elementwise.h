// The frame of kernels with one work item for each element of the output.
#pragma once

#include <string>
#include <vector>

#include "opencl/kernel_text.h"
#include "plan/plan.h"

namespace xpuq::opencl {

/// Begins the kernel: one item for every `lanes` elements of dst, in the order of its memory. Declares `to`, the
/// address, and o0, o1, ..., the coordinates. The innermost axis of dst holds a multiple of `lanes` elements.
void begin_elements(KernelText& text, const PlanValue& dst, std::int64_t lanes = 1);

/// The axis of a value that is contiguous in memory.
std::size_t innermost_axis(const PlanValue& value);

/// sum of at[i] * stride of axis i; axes of one element are left out.
std::string address(const PlanValue& value, const std::vector<std::string>& at);

/// o0, o1, ..., `rank` of them.
std::vector<std::string> coordinate_names(std::size_t rank);

}  // namespace xpuq::opencl
