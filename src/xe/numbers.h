// Conversions of single numbers: half, bfloat16, limits of integer types. Internal.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "xe/instruction.h"

namespace xpuq::xe {

inline float float_of_half(std::uint16_t h) {
  const std::uint32_t sign = std::uint32_t{h & 0x8000u} << 16, exponent = h >> 10 & 31, fraction = h & 1023;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | fraction << 13 | (fraction ? 0x400000u : 0u));
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float value = static_cast<float>(fraction) * 0x1p-24f;
  return sign ? -value : value;
}

/// Rounded as the host rounds at present (to nearest even, or what cr0 of the thread says).
inline std::uint16_t half_of_double(double x) {
  const auto sign = static_cast<std::uint16_t>(std::signbit(x) ? 0x8000 : 0);
  if (x != x) return static_cast<std::uint16_t>(sign | 0x7e00);
  const double a = std::fabs(x);
  if (a == std::numeric_limits<double>::infinity()) return static_cast<std::uint16_t>(sign | 0x7c00);
  // The exponent of the result; its unit in the last place is 2^(exponent - 10), at least 2^-24.
  int exponent = 0;
  std::frexp(a, &exponent);
  exponent = exponent - 1 < -14 ? -14 : exponent - 1;
  if (exponent > 15) exponent = 15;
  const double scaled = std::nearbyint(std::ldexp(x, 10 - exponent));
  const double units = std::fabs(scaled);
  if (exponent == 15 && units >= 2048) {
    // Overflow: infinity, or the largest finite number where the rounding is towards zero.
    const bool to_infinity = std::nearbyint(std::signbit(x) ? -0.75 : 0.75) != 0;
    return static_cast<std::uint16_t>(sign | (to_infinity ? 0x7c00 : 0x7bff));
  }
  const auto n = static_cast<std::uint32_t>(units);
  if (n < 1024) return static_cast<std::uint16_t>(sign | n);  // denormal: the exponent is -14
  return static_cast<std::uint16_t>(sign | ((static_cast<std::uint32_t>(exponent + 14) << 10) + n));
}
inline std::uint16_t half_of_float(float f) { return half_of_double(static_cast<double>(f)); }

inline std::uint16_t bfloat_of_float(float f) {
  const std::uint32_t u = std::bit_cast<std::uint32_t>(f);
  if (f != f) return static_cast<std::uint16_t>(u >> 16 | 0x40);
  return static_cast<std::uint16_t>((u + 0x7fff + (u >> 16 & 1)) >> 16);
}

constexpr std::int64_t lowest_of(Type type) {
  switch (type) {
    case Type::b: return -128;
    case Type::w: return -32768;
    case Type::d: return std::numeric_limits<std::int32_t>::min();
    case Type::q: return std::numeric_limits<std::int64_t>::min();
    default: return 0;
  }
}
constexpr std::uint64_t highest_of(Type type) {
  switch (type) {
    case Type::ub: return 255;
    case Type::b: return 127;
    case Type::uw: return 65535;
    case Type::w: return 32767;
    case Type::ud: return 0xffffffffu;
    case Type::d: return 0x7fffffffu;
    case Type::q: return 0x7fffffffffffffffu;
    default: return ~std::uint64_t{0};
  }
}

inline float round_even(float x) { return __builtin_roundevenf(x); }
inline double round_even(double x) { return __builtin_roundeven(x); }
inline float round_zero(float x) { return std::trunc(x); }
inline double round_zero(double x) { return std::trunc(x); }

/// a * b + c, rounded to odd in the 53rd bit, so that a later rounding to half sees what the exact sum would give.
inline double fused_to_odd(double a, double b, double c) {
  const double product = a * b;  // exact: the factors are halves
  const double sum = product + c;
  if (!std::isfinite(sum)) return sum;
  const double part = sum - product, error = (product - (sum - part)) + (c - part);
  if (error == 0 || (std::bit_cast<std::uint64_t>(sum) & 1) != 0) return sum;
  const bool away = (error > 0) == (sum > 0);
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(sum) + (away ? 1 : ~std::uint64_t{0}));
}

}  // namespace xpuq::xe
