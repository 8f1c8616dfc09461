#include "samples/convert.h"

#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "samples/sample_error.h"
#include "support/check.h"
#include "support/json.h"

namespace xpuq::samples {
namespace {

/// The two 16-bit floats, which C++20 lacks, and boolean, whose byte is 0 or 1.
struct Half {
  std::uint16_t bits;
};
struct BFloat {
  std::uint16_t bits;
};
struct Bool {
  std::uint8_t value;
};

float widen(Half h) {
  const std::uint32_t sign = (h.bits & 0x8000u) << 16, exponent = h.bits >> 10 & 31, fraction = h.bits & 0x3ffu;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | fraction << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float magnitude = std::ldexp(static_cast<float>(fraction), -24);  // subnormal, exact
  return sign != 0 ? -magnitude : magnitude;
}
float widen(BFloat b) { return std::bit_cast<float>(static_cast<std::uint32_t>(b.bits) << 16); }

Half to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000u);
  const float magnitude = std::fabs(value);
  if (std::isnan(value)) return {static_cast<std::uint16_t>(sign | 0x7e00u)};
  if (magnitude >= 65520.0f) return {static_cast<std::uint16_t>(sign | 0x7c00u)};  // halfway beyond the largest
  if (magnitude < std::ldexp(1.0f, -14))  // subnormal: units of 2^-24; a carry lands on the smallest normal
    return {static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>(std::nearbyint(magnitude * 16777216.0f)))};
  std::uint32_t rounded = bits & 0x7fffffffu;
  rounded += 0xfffu + (rounded >> 13 & 1);
  return {static_cast<std::uint16_t>(sign | ((rounded >> 13) - (112u << 10)))};
}
BFloat to_bfloat(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return {static_cast<std::uint16_t>(bits >> 16 | 0x40u)};
  return {static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1)) >> 16)};
}

// Every element becomes one of two exact carriers, binary64 or 64-bit integer.
double carrier(float v) { return static_cast<double>(v); }
double carrier(double v) { return v; }
double carrier(Half v) { return static_cast<double>(widen(v)); }
double carrier(BFloat v) { return static_cast<double>(widen(v)); }
std::int64_t carrier(std::int64_t v) { return v; }
std::int64_t carrier(std::int32_t v) { return v; }
std::int64_t carrier(std::int16_t v) { return v; }
std::int64_t carrier(std::int8_t v) { return v; }
std::int64_t carrier(std::uint8_t v) { return v; }
std::int64_t carrier(Bool v) { return v.value != 0; }

template <class T>
constexpr bool is_float_type =
    std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, Half> || std::is_same_v<T, BFloat>;

template <class T>
void narrow(double v, T& to) {
  if constexpr (std::is_same_v<T, Half>) to = to_half(static_cast<float>(v));
  else if constexpr (std::is_same_v<T, BFloat>) to = to_bfloat(static_cast<float>(v));
  else to = static_cast<T>(v);
}

template <class T>
bool store_integer(std::int64_t v, T& to) {
  if constexpr (std::is_same_v<T, Bool>) {
    to.value = static_cast<std::uint8_t>(v & 1);
    return v == 0 || v == 1;
  } else {
    to = static_cast<T>(v);
    return v >= std::numeric_limits<T>::min() && v <= std::numeric_limits<T>::max();
  }
}

/// An integer held exactly by a float type (2^62 bounds the way back).
template <class T>
bool store_as_float(std::int64_t v, T& to) {
  if (v > (std::int64_t{1} << 62) || v < -(std::int64_t{1} << 62)) return false;
  narrow(static_cast<double>(v), to);
  const double back = carrier(to);
  return std::isfinite(back) && static_cast<std::int64_t>(back) == v;
}

template <class T>
bool store(double v, T& to) {
  if constexpr (is_float_type<T>) {
    narrow(v, to);
    return true;
  } else {
    if (!(std::fabs(v) <= 4611686018427387904.0) || v != std::trunc(v)) return false;  // NaN fails as well
    return store_integer(static_cast<std::int64_t>(v), to);
  }
}

template <class T>
bool store(std::int64_t v, T& to) {
  if constexpr (is_float_type<T>) return store_as_float(v, to);
  else return store_integer(v, to);
}

/// Index of the first element that does not fit, or -1.
template <class From, class To>
std::int64_t convert_all(const Tensor& from, Tensor& to) {
  const From* source = from.data<From>();
  To* target = to.data<To>();
  const std::int64_t count = from.elements();
  for (std::int64_t i = 0; i < count; ++i)
    if (!store(carrier(source[i]), target[i])) return i;
  return -1;
}

template <class F>
auto with_type(DataType dtype, F f) {
  switch (dtype) {
    case DataType::f32: return f(float{});
    case DataType::bf16: return f(BFloat{});
    case DataType::f16: return f(Half{});
    case DataType::f64: return f(double{});
    case DataType::s8: return f(std::int8_t{});
    case DataType::u8: return f(std::uint8_t{});
    case DataType::s16: return f(std::int16_t{});
    case DataType::s32: return f(std::int32_t{});
    case DataType::s64: return f(std::int64_t{});
    case DataType::boolean: return f(Bool{});
  }
  XPUQ_CHECK(false, "every element type is listed");
}

std::string value_text(const Tensor& tensor, std::int64_t index) {
  return with_type(tensor.dtype(), [&](auto type) {
    const auto v = carrier(tensor.data<decltype(type)>()[index]);
    if constexpr (std::is_same_v<decltype(v), const double>) {
      return std::isfinite(v) ? format_f64(v) : std::string(std::isnan(v) ? "NaN" : "infinity");
    } else {
      return std::to_string(v);
    }
  });
}

}  // namespace

Result<Tensor> convert(const Tensor& tensor, DataType dtype, const std::string& who) {
  if (tensor.dtype() == dtype) return tensor;
  Tensor out(dtype, tensor.shape());
  const std::int64_t bad = with_type(tensor.dtype(), [&](auto from) {
    return with_type(dtype, [&](auto to) { return convert_all<decltype(from), decltype(to)>(tensor, out); });
  });
  if (bad < 0) return out;
  return make_error(kUnfit, who,
                    "cannot be converted from " + std::string(to_string(tensor.dtype())) + " to the input's " +
                        std::string(to_string(dtype)) + " without loss",
                    value_text(tensor, bad) + " at element " + std::to_string(bad), {},
                    "save it as " + std::string(to_string(dtype)));
}

Tensor to_f32(const Tensor& tensor) {
  auto out = convert(tensor, DataType::f32, {});
  XPUQ_CHECK(out.ok(), "the caller passes floats");
  return std::move(out).value();
}

}  // namespace xpuq::samples
