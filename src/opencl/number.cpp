#include "opencl/number.h"

#include <bit>
#include <limits>

namespace xpuq::opencl {
namespace {

std::string hex(std::uint32_t value, int digits) {
  std::string out(static_cast<std::size_t>(digits), '0');
  for (int i = digits; i-- > 0; value >>= 4) out[static_cast<std::size_t>(i)] = "0123456789abcdef"[value & 15];
  return out;
}

}  // namespace

std::string text(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t exponent = (bits >> 23) & 0xFF, fraction = bits & 0x7FFFFF;
  if (exponent == 0xFF) return "as_float(0x" + hex(bits, 8) + "u)";
  std::string out;
  if (exponent == 0) {
    out = fraction == 0 ? "0x0p+0f" : "0x0." + hex(fraction << 1, 6) + "p-126f";
  } else {
    std::string digits = fraction == 0 ? "" : hex(fraction << 1, 6);
    while (!digits.empty() && digits.back() == '0') digits.pop_back();
    const int power = static_cast<int>(exponent) - 127;
    out = "0x1" + (digits.empty() ? "" : "." + digits) + "p" + (power < 0 ? "" : "+") + std::to_string(power) + "f";
  }
  return bits >> 31 ? "(-" + out + ")" : out;
}

std::string text(std::int64_t value) {
  if (value == std::numeric_limits<std::int64_t>::min()) return "(-9223372036854775807L - 1L)";
  const bool wide = value > std::numeric_limits<std::int32_t>::max() || value < -std::numeric_limits<std::int32_t>::max();
  const std::string out = std::to_string(value) + (wide ? "L" : "");
  return value < 0 ? "(" + out + ")" : out;
}

}  // namespace xpuq::opencl
