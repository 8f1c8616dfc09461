// The error of a step without a kernel.
#pragma once

#include <string>

#include "plan/plan.h"
#include "xpuq/result.h"

namespace xpuq::opencl {

inline Error refusal(const Step& step, std::string why, std::string got = {}) {
  return make_error("E601", std::string(to_string(step.op)), "no GPU kernel: " + std::move(why), std::move(got));
}

}  // namespace xpuq::opencl
