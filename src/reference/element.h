// C++ types that stand for the elements in memory, and the choice of one by DataType.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "reference/evaluate.h"
#include "support/check.h"

namespace xpuq::reference {

/// bfloat16: the upper half of an f32; converted with round-half-to-even, NaN stays NaN.
struct Bf16 {
  std::uint16_t bits = 0;
  Bf16() = default;
  explicit Bf16(float v) {
    const auto u = std::bit_cast<std::uint32_t>(v);
    bits = static_cast<std::uint16_t>(v != v ? (u >> 16) | 0x40u : (u + 0x7FFFu + ((u >> 16) & 1u)) >> 16);
  }
  operator float() const { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }
};

/// IEEE binary16; converted with round-half-to-even.
struct F16 {
  std::uint16_t bits = 0;
  F16() = default;
  explicit F16(float v) {
    const auto u = std::bit_cast<std::uint32_t>(v);
    const std::uint32_t sign = (u >> 16) & 0x8000u;
    const std::uint32_t magnitude = u & 0x7FFFFFFFu;
    std::uint32_t half;
    if (magnitude > 0x7F800000u) half = 0x7E00u;
    else if (magnitude >= 0x477FF000u) half = 0x7C00u;  // 65520 and more round to infinity
    else if (magnitude >= 0x38800000u) half = (magnitude - 0x38000000u + 0xFFFu + ((magnitude >> 13) & 1u)) >> 13;
    else {
      // Subnormal: adding 0.5 moves the unit of the last place of f32 to that of the subnormals, 2^-24, and rounds.
      half = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - std::bit_cast<std::uint32_t>(0.5f);
    }
    bits = static_cast<std::uint16_t>(sign | half);
  }
  operator float() const {
    const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000u) << 16;
    const std::uint32_t exponent = (bits >> 10) & 0x1Fu;
    const std::uint32_t mantissa = bits & 0x3FFu;
    if (exponent == 0) {
      const float tiny = static_cast<float>(mantissa) * 0x1p-24f;
      return sign ? -tiny : tiny;
    }
    const std::uint32_t e = exponent == 31 ? 255u : exponent + 112u;
    return std::bit_cast<float>(sign | e << 23 | mantissa << 13);
  }
};

/// A boolean as it lies in memory: any byte but 0 is true, so that no file can make an invalid `bool`.
struct Boolean {
  std::uint8_t byte = 0;
  Boolean() = default;
  explicit Boolean(bool v) : byte(v ? 1 : 0) {}
  operator bool() const { return byte != 0; }
};

template <class T>
inline constexpr bool kIsFloat = std::is_floating_point_v<T> || std::is_same_v<T, Bf16> || std::is_same_v<T, F16>;

/// What arithmetic on elements of type T is done in: f32 for the 16-bit floats, else T itself.
template <class T>
using Compute = std::conditional_t<std::is_same_v<T, Bf16> || std::is_same_v<T, F16>, float,
                                   std::conditional_t<std::is_same_v<T, Boolean>, bool, T>>;

/// A float as an integer: truncates toward zero and saturates; NaN gives 0.
template <class To, class From>
To saturate(From v) {
  using Limits = std::numeric_limits<To>;
  if (v != v) return 0;
  const From t = std::trunc(v);
  // The largest value may round up when it becomes a float, hence >=.
  if (t <= static_cast<From>(Limits::min())) return Limits::min();
  if (t >= static_cast<From>(Limits::max())) return Limits::max();
  return static_cast<To>(t);
}

template <class T>
const T* elements(const Operand& operand) {
  return reinterpret_cast<const T*>(operand.bytes);
}
template <class T>
T* elements(const MutableOperand& operand) {
  return reinterpret_cast<T*>(operand.bytes);
}

/// Calls f.operator()<T>() with the element type of `dtype`.
template <class F>
void for_float_type(DataType dtype, F&& f) {
  switch (dtype) {
    case DataType::f32:
      return f.template operator()<float>();
    case DataType::bf16:
      return f.template operator()<Bf16>();
    case DataType::f16:
      return f.template operator()<F16>();
    case DataType::f64:
      return f.template operator()<double>();
    default:
      XPUQ_CHECK(false, "a float type");
  }
}
template <class F>
void for_integer_type(DataType dtype, F&& f) {
  switch (dtype) {
    case DataType::s8:
      return f.template operator()<std::int8_t>();
    case DataType::u8:
      return f.template operator()<std::uint8_t>();
    case DataType::s16:
      return f.template operator()<std::int16_t>();
    case DataType::s32:
      return f.template operator()<std::int32_t>();
    case DataType::s64:
      return f.template operator()<std::int64_t>();
    default:
      XPUQ_CHECK(false, "an integer type");
  }
}
inline bool is_float_type(DataType dtype) {
  return dtype == DataType::f32 || dtype == DataType::bf16 || dtype == DataType::f16 || dtype == DataType::f64;
}
template <class F>
void for_number_type(DataType dtype, F&& f) {
  is_float_type(dtype) ? for_float_type(dtype, f) : for_integer_type(dtype, f);
}
template <class F>
void for_any_type(DataType dtype, F&& f) {
  if (dtype == DataType::boolean) return f.template operator()<Boolean>();
  for_number_type(dtype, f);
}

}  // namespace xpuq::reference
