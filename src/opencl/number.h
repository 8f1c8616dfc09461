// Numbers as OpenCL C text, exactly.
#pragma once

#include <cstdint>
#include <string>

namespace xpuq::opencl {

/// A hexadecimal float; NaN and infinities by their bits. In parentheses when negative.
std::string text(float value);
/// A decimal integer with the suffix its size needs; in parentheses when negative.
std::string text(std::int64_t value);

}  // namespace xpuq::opencl
