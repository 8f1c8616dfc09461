// What all tests on a device share.
#pragma once

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

inline Layout any_layout(SamplePlan& s) { return s.pick(0, 1) ? Layout::channels_last : Layout::plain; }
inline std::string word(const char* w) { return w; }

}  // namespace xpuq::test
