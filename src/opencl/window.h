// Sliding windows with constant sizes, as index arithmetic.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "ops/attributes.h"
#include "opencl/kernel_text.h"
#include "plan/plan.h"

namespace xpuq::opencl {

using Triple = std::array<std::int64_t, 3>;

/// The last up to three entries from `first` on, with `fill` in front.
Triple triple(const Ints& values, std::int64_t fill, std::size_t first = 0);

/// Where the elements of a value of rank 3 to 5 lie: n * batch + c * channel + d * spatial[0] + ...
struct Picture {
  Triple size, spatial;
  std::int64_t batch, channel, images, channels;
  bool channels_last;  ///< channel is 1
};
Picture picture(const PlanValue& value);

/// Declares n, c (a multiple of `lanes`), and the three of `spatial` for each work item of dst, in the order of dst's
/// memory; begins the kernel.
void begin_outputs(KernelText& text, const Picture& dst, std::int64_t lanes, const std::array<std::string, 3>& spatial);

/// Address of an element in terms of the given index expressions; those of axes of one element are left out.
std::string address(const Picture& p, const std::string& n, const std::string& c, const std::array<std::string, 3>& at);

}  // namespace xpuq::opencl
