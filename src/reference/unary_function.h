// The formulas of the unary operations (ops/unary.cpp), also used for post-ops. Float versions round once per written
// operation in T; functions of <cmath> are called in T.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "ops/op.h"
#include "support/check.h"

namespace xpuq::reference {

class UnaryFunction {
 public:
  UnaryFunction(OpKind kind, const Attributes& a)
      : kind_(kind),
        alpha_(kind == OpKind::clip ? a.get_float("min", 0) : a.get_float("alpha", 0)),
        beta_(kind == OpKind::clip ? a.get_float("max", 0) : a.get_float("beta", 0)),
        tanh_form_(kind == OpKind::gelu && a.get_string("approximate") == "tanh") {}

  /// T is float or double.
  template <class T>
  T of_float(T x) const;
  /// T is an integer type; results wrap, as -INT_MIN does.
  template <class T>
  T of_integer(T x) const;

 private:
  // Written so that NaN stays NaN, and that max < min gives max, as torch.clamp does.
  template <class T>
  static T clamp(T x, T low, T high) {
    const T y = x < low ? low : x;
    return y > high ? high : y;
  }
  template <class T>
  static T gelu(T x, bool tanh_form) {
    if (!tanh_form) return T(0.5) * x * (T(1) + std::erf(x * T(0.70710678118654752440)));
    const T inner = T(0.79788456080286535588) * (x + T(0.044715) * x * x * x);
    return T(0.5) * x * (T(1) + std::tanh(inner));
  }

  OpKind kind_;
  double alpha_;
  double beta_;
  bool tanh_form_;
};

template <class T>
T UnaryFunction::of_float(T x) const {
  const T alpha = static_cast<T>(alpha_), beta = static_cast<T>(beta_);
  switch (kind_) {
    case OpKind::relu:
      return x < 0 ? T(0) : x;
    case OpKind::clip:
      return clamp(x, alpha, beta);
    case OpKind::hardswish:
      return x * clamp(x + T(3), T(0), T(6)) / T(6);
    case OpKind::hardsigmoid:
      return clamp(alpha * x + beta, T(0), T(1));
    case OpKind::silu:
      return x / (T(1) + std::exp(-x));
    case OpKind::gelu:
      return gelu(x, tanh_form_);
    case OpKind::leaky_relu:
      return x < 0 ? alpha * x : x;
    case OpKind::elu:
      return x < 0 ? alpha * std::expm1(x) : x;
    case OpKind::sigmoid:
      return T(1) / (T(1) + std::exp(-x));
    case OpKind::tanh:
      return std::tanh(x);
    case OpKind::softplus:
      return (x > 0 ? x : T(0)) + std::log1p(std::exp(-std::abs(x)));
    case OpKind::erf:
      return std::erf(x);
    case OpKind::exp:
      return std::exp(x);
    case OpKind::log:
      return std::log(x);
    case OpKind::sqrt:
      return std::sqrt(x);
    case OpKind::reciprocal:
      return T(1) / x;
    case OpKind::abs:
      return std::abs(x);
    case OpKind::neg:
      return -x;
    case OpKind::floor:
      return std::floor(x);
    case OpKind::ceil:
      return std::ceil(x);
    case OpKind::round:
      return std::nearbyint(x);
    case OpKind::sin:
      return std::sin(x);
    case OpKind::cos:
      return std::cos(x);
    case OpKind::sign:
      return T(x > 0) - T(x < 0);
    case OpKind::tan:
      return std::tan(x);
    case OpKind::asin:
      return std::asin(x);
    case OpKind::acos:
      return std::acos(x);
    case OpKind::atan:
      return std::atan(x);
    case OpKind::sinh:
      return std::sinh(x);
    case OpKind::cosh:
      return std::cosh(x);
    case OpKind::asinh:
      return std::asinh(x);
    case OpKind::acosh:
      return std::acosh(x);
    case OpKind::atanh:
      return std::atanh(x);
    default:
      XPUQ_CHECK(false, "a unary operation on floats");
  }
}

template <class T>
T UnaryFunction::of_integer(T x) const {
  using Limits = std::numeric_limits<T>;
  const T negated = static_cast<T>(0 - static_cast<std::uint64_t>(x));
  switch (kind_) {
    case OpKind::relu:
      return x < 0 ? T(0) : x;
    case OpKind::abs:
      return x < 0 ? negated : x;
    case OpKind::neg:
      return negated;
    case OpKind::sign:
      return static_cast<T>((x > 0) - (x < 0));
    case OpKind::clip: {
      // Bounds become integers of the type: the least one >= min, the greatest one <= max.
      const auto bound = [](double v) {
        if (v <= static_cast<double>(Limits::min())) return Limits::min();
        return v >= static_cast<double>(Limits::max()) ? Limits::max() : static_cast<T>(v);
      };
      return clamp(x, bound(std::ceil(alpha_)), bound(std::floor(beta_)));
    }
    default:
      XPUQ_CHECK(false, "a unary operation on integers");
  }
}

}  // namespace xpuq::reference
