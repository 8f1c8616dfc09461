// What all tests on a device share.
#pragma once

#include <algorithm>
#include <cstdlib>

#include "catch.h"
#include "device.h"
#include "sample_plan.h"

namespace xpuq::test {

/// The device, or null after saying why the test is skipped.
inline Device* device_or_skip() {
  std::string why;
  Device* d = Device::get(why);
  if (d == nullptr) WARN("skipped: " << why);
  return d;
}

/// True in a run that compiles several times as many kernels, with XPUQ_THOROUGH in the environment.
inline bool thorough() { return std::getenv("XPUQ_THOROUGH") != nullptr; }
/// How many of `all` seeds a test uses; `all` in a thorough run.
inline std::uint32_t seeds(std::uint32_t all, std::uint32_t least = 0) { return thorough() ? all : std::max(least, (all + 1) / 2); }

inline Layout any_layout(SamplePlan& s) { return s.pick(0, 1) ? Layout::channels_last : Layout::plain; }
inline std::string word(const char* w) { return w; }

}  // namespace xpuq::test
