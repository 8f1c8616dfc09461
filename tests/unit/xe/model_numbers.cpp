#include <bit>
#include <cstring>

#include "model.h"

namespace xe_test {

using namespace xpuq::xe;

namespace {

/// A binary float format, stored in an integer of 8 to 64 bits.
struct Format {
  int exponent_bits;
  int fraction_bits;
  bool has_infinity = true;  ///< hf8: all exponents are numbers, and S.1111.111 is not one
};
Format format_of(Type type) {
  switch (type) {
    case Type::hf: return {5, 10};
    case Type::bf: return {8, 7};
    case Type::df: return {11, 52};
    case Type::bf8: return {5, 2};
    case Type::hf8: return {4, 3, false};
    default: return {8, 23};
  }
}

Quad power(int e) {
  Quad x = 1;
  for (; e > 0; --e) x *= 2;
  for (; e < 0; ++e) x /= 2;
  return x;
}

Quad real_of(std::uint64_t bits, Format f) {
  const std::uint64_t fraction = bits & ((std::uint64_t{1} << f.fraction_bits) - 1);
  const int exponent = static_cast<int>(bits >> f.fraction_bits & ((1u << f.exponent_bits) - 1)), most = (1 << f.exponent_bits) - 1;
  const bool negative = (bits >> (f.fraction_bits + f.exponent_bits) & 1) != 0;
  const int bias = most / 2;
  Quad x = 0;
  if (exponent == most && f.has_infinity) x = fraction != 0 ? static_cast<Quad>(__builtin_nan("")) : static_cast<Quad>(__builtin_inf());
  else if (exponent == most && fraction + 1 == std::uint64_t{1} << f.fraction_bits) x = static_cast<Quad>(__builtin_nan(""));
  else if (exponent == 0) x = static_cast<Quad>(fraction) * power(1 - bias - f.fraction_bits);
  else x = (static_cast<Quad>(fraction) + power(f.fraction_bits)) * power(exponent - bias - f.fraction_bits);
  return negative ? -x : x;
}

/// Modes of cr0.0[5:4]: to nearest even, up, down, towards zero.
std::uint64_t rounded_units(Quad units, bool negative, int mode) {
  const auto down = static_cast<std::uint64_t>(units);
  const Quad rest = units - static_cast<Quad>(down);
  bool up = false;
  if (mode == 0) up = rest > static_cast<Quad>(0.5) || (rest == static_cast<Quad>(0.5) && (down & 1) != 0);
  if (mode == 1) up = rest != 0 && !negative;
  if (mode == 2) up = rest != 0 && negative;
  return down + (up ? 1 : 0);
}

std::uint64_t bits_of(Quad x, Format f, int mode) {
  const int most = (1 << f.exponent_bits) - 1, bias = most / 2;
  const bool negative = __builtin_signbit(x);
  const std::uint64_t sign = static_cast<std::uint64_t>(negative) << (f.fraction_bits + f.exponent_bits);
  const std::uint64_t all = (static_cast<std::uint64_t>(most) << f.fraction_bits), top = (std::uint64_t{1} << f.fraction_bits) - 1;
  if (x != x) return f.has_infinity ? all | std::uint64_t{1} << (f.fraction_bits - 1) : sign | all | top;
  Quad a = negative ? -x : x;
  if (a == static_cast<Quad>(__builtin_inf())) return f.has_infinity ? sign | all : sign | all | top;
  int exponent = 1;  // of numbers below the smallest normal one, too
  for (Quad limit = power(2 - bias); a >= limit && exponent < most; limit *= 2) ++exponent;
  if (exponent == most && a >= power(most + 1 - bias)) a = power(most + 1 - bias);  // beyond everything
  const std::uint64_t units = rounded_units(a * power(f.fraction_bits + bias - exponent), negative, mode);
  // Rounding up to the next power of two carries into the exponent.
  std::uint64_t bits = units <= top ? units : (static_cast<std::uint64_t>(exponent) << f.fraction_bits) + (units - top - 1);
  const std::uint64_t limit = f.has_infinity ? all : all | top;
  if (bits >= limit) {
    const bool to_infinity = mode == 0 || (mode == 1 && !negative) || (mode == 2 && negative);
    bits = to_infinity ? limit : limit - 1;
  }
  return sign | bits;
}

Wide lowest(Type type) {
  return is_signed(type) ? -(Wide{1} << (8 * size_of(type) - 1)) : 0;
}
Wide highest(Type type) {
  return (Wide{1} << (8 * size_of(type) - (is_signed(type) ? 1 : 0))) - 1;
}

/// To an integer: towards zero or, where bit 12 of cr0 says so, to nearest even; what is outside ends at the limits.
Wide integer_of(Quad x, Type type, std::uint32_t control) {
  if (x != x) return 0;
  if (x >= static_cast<Quad>(highest(type))) return highest(type);
  if (x <= static_cast<Quad>(lowest(type))) return lowest(type);
  const bool negative = x < 0;
  const Wide units = static_cast<Wide>(rounded_units(negative ? -x : x, false, (control & 0x1000) != 0 ? 0 : 3));
  return negative ? -units : units;
}

}  // namespace

Number read_number(const std::uint8_t* at, Type type) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, at, static_cast<std::size_t>(size_of(type)));
  if (is_float(type)) return {true, 0, real_of(bits, format_of(type))};
  Wide value = static_cast<Wide>(bits);
  if (is_signed(type) && (bits >> (8 * size_of(type) - 1) & 1) != 0) value -= Wide{1} << 8 * size_of(type);
  return {false, value, 0};
}

void write_number(std::uint8_t* at, Type type, Number value, bool saturate, std::uint32_t control) {
  std::uint64_t bits = 0;
  if (is_float(type)) {
    Quad x = value.real ? value.f : static_cast<Quad>(value.i);
    if (saturate) x = !(x > 0) ? 0 : x > 1 ? 1 : x;
    // Numbers of 8 bits are always rounded to nearest even (vISA, FCVT), bfloat16 too.
    const bool nearest = type == Type::bf8 || type == Type::hf8 || type == Type::bf;
    bits = bits_of(x, format_of(type), nearest ? 0 : static_cast<int>(control >> 4 & 3));
    if (type == Type::tf32) bits = bits_of(x, {8, 10}, 0) << 13;
  } else {
    Wide x = value.real ? integer_of(value.f, type, control) : value.i;
    if (saturate) x = x < lowest(type) ? lowest(type) : x > highest(type) ? highest(type) : x;
    bits = static_cast<std::uint64_t>(x);
  }
  std::memcpy(at, &bits, static_cast<std::size_t>(size_of(type)));
}

Quad sum_to_odd(Quad a, Quad b) {
  const Quad sum = a + b;
  if (!(sum - sum == 0)) return sum;
  const Quad part = sum - a, error = (a - (sum - part)) + (b - part);
  unsigned __int128 bits;
  std::memcpy(&bits, &sum, sizeof bits);
  if (error == 0 || (bits & 1) != 0) return sum;
  bits += (error > 0) == (sum > 0) ? 1 : ~static_cast<unsigned __int128>(0);
  Quad odd;
  std::memcpy(&odd, &bits, sizeof odd);
  return odd;
}

Quad quad_floor(Quad x) {
  if (x != x || x >= static_cast<Quad>(0x1p64) || x <= static_cast<Quad>(-0x1p64)) return x;
  const Quad cut = static_cast<Quad>(static_cast<Wide>(x));
  const Quad result = cut > x ? cut - 1 : cut;
  return result == 0 && __builtin_signbit(x) ? -static_cast<Quad>(0) : result;
}

}  // namespace xe_test
