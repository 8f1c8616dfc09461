// Pointwise operations of two broadcast inputs; meanings in ops/binary.cpp.
#include <cmath>

#include "reference/element.h"
#include "reference/groups.h"
#include "reference/rows.h"

namespace xpuq::reference {
namespace {

/// dst = f(a, b) for element types In and Out; f computes in Compute<In>.
template <class In, class Out, class F>
void broadcast_apply(const OpCall& call, F f) {
  const Operand& a = call.inputs[0];
  const Operand& b = call.inputs[1];
  const MutableOperand& dst = call.outputs[0];
  const Shape& shape = dst.type->shape;
  for_each_row<3>(
      shape,
      {broadcast_strides(a.type->shape, shape), broadcast_strides(b.type->shape, shape), row_major_strides(shape)},
      [&](const auto& at, const auto& step, std::int64_t count) {
        const In* x = elements<In>(a) + at[0];
        const In* y = elements<In>(b) + at[1];
        Out* z = elements<Out>(dst) + at[2];
        for (std::int64_t i = 0; i < count; ++i)
          z[i * step[2]] = Out(f(Compute<In>(x[i * step[0]]), Compute<In>(y[i * step[1]])));
      });
}

template <class T>
void run_float(const OpCall& call) {
  using C = Compute<T>;
  switch (call.kind) {
    case OpKind::add:
      return broadcast_apply<T, T>(call, [](C a, C b) { return a + b; });
    case OpKind::sub:
      return broadcast_apply<T, T>(call, [](C a, C b) { return a - b; });
    case OpKind::mul:
      return broadcast_apply<T, T>(call, [](C a, C b) { return a * b; });
    case OpKind::div:
      return broadcast_apply<T, T>(call, [](C a, C b) { return a / b; });
    case OpKind::pow:
      return broadcast_apply<T, T>(call, [](C a, C b) { return std::pow(a, b); });
    // NaN wins on either side, as in torch and ONNX.
    case OpKind::minimum:
      return broadcast_apply<T, T>(call, [](C a, C b) { return a < b || a != a ? a : b; });
    case OpKind::maximum:
      return broadcast_apply<T, T>(call, [](C a, C b) { return a > b || a != a ? a : b; });
    case OpKind::prelu:
      return broadcast_apply<T, T>(call, [](C x, C slope) { return x < 0 ? slope * x : x; });
    case OpKind::fmod:
      return broadcast_apply<T, T>(call, [](C a, C b) { return std::fmod(a, b); });
    // As torch.remainder: fmod is exact, and the one addition brings the sign of the divisor.
    case OpKind::mod:
      return broadcast_apply<T, T>(call, [](C a, C b) {
        const C r = std::fmod(a, b);
        return r != 0 && (r < 0) != (b < 0) ? r + b : r;
      });
    default:
      XPUQ_CHECK(false, "a binary operation on floats");
  }
}

// Integer arithmetic is done modulo 2^64, of which every narrower type is the remainder: no overflow is undefined.
template <class T>
T wrap(std::uint64_t v) {
  return static_cast<T>(v);
}

template <class T>
T power(T base, T exponent, bool& fault) {
  if (exponent < 0) {
    if (base == 0) fault = true;
    if (base == 1) return 1;
    return std::is_signed_v<T> && base == T(-1) ? T(exponent % 2 == 0 ? 1 : -1) : T(0);
  }
  std::uint64_t out = 1, factor = static_cast<std::uint64_t>(base);
  for (auto e = static_cast<std::uint64_t>(exponent); e > 0; e >>= 1, factor *= factor)
    if (e & 1) out *= factor;
  return wrap<T>(out);
}

template <class T>
T divide(T a, T b, bool& fault) {
  if (b == 0) {
    fault = true;
    return 0;
  }
  if (std::is_signed_v<T> && b == T(-1)) return wrap<T>(0 - static_cast<std::uint64_t>(a));
  return static_cast<T>(a / b);
}

template <class T>
T modulo(T a, T b, bool& fault) {
  if (b == 0) {
    fault = true;
    return 0;
  }
  if (std::is_signed_v<T> && b == T(-1)) return 0;
  const T r = static_cast<T>(a % b);
  return r != 0 && (r < 0) != (b < 0) ? static_cast<T>(r + b) : r;
}

/// C's %, which has the sign of the dividend.
template <class T>
T remainder(T a, T b, bool& fault) {
  if (b == 0) {
    fault = true;
    return 0;
  }
  return std::is_signed_v<T> && b == T(-1) ? T(0) : static_cast<T>(a % b);
}

template <class T>
void run_integer(const OpCall& call, bool& fault) {
  const auto u = [](T v) { return static_cast<std::uint64_t>(v); };
  switch (call.kind) {
    case OpKind::add:
      return broadcast_apply<T, T>(call, [&](T a, T b) { return wrap<T>(u(a) + u(b)); });
    case OpKind::sub:
      return broadcast_apply<T, T>(call, [&](T a, T b) { return wrap<T>(u(a) - u(b)); });
    case OpKind::mul:
      return broadcast_apply<T, T>(call, [&](T a, T b) { return wrap<T>(u(a) * u(b)); });
    case OpKind::div:
      return broadcast_apply<T, T>(call, [&](T a, T b) { return divide(a, b, fault); });
    case OpKind::mod:
      return broadcast_apply<T, T>(call, [&](T a, T b) { return modulo(a, b, fault); });
    case OpKind::fmod:
      return broadcast_apply<T, T>(call, [&](T a, T b) { return remainder(a, b, fault); });
    case OpKind::pow:
      return broadcast_apply<T, T>(call, [&](T a, T b) { return power(a, b, fault); });
    case OpKind::minimum:
      return broadcast_apply<T, T>(call, [](T a, T b) { return a < b ? a : b; });
    case OpKind::maximum:
      return broadcast_apply<T, T>(call, [](T a, T b) { return a > b ? a : b; });
    default:
      XPUQ_CHECK(false, "a binary operation on integers");
  }
}

/// True when the operation gives booleans, which were then computed.
template <class T>
bool run_boolean_result(const OpCall& call) {
  using C = Compute<T>;
  switch (call.kind) {
    case OpKind::equal:
      broadcast_apply<T, Boolean>(call, [](C a, C b) { return a == b; });
      return true;
    case OpKind::less:
      broadcast_apply<T, Boolean>(call, [](C a, C b) { return a < b; });
      return true;
    case OpKind::less_equal:
      broadcast_apply<T, Boolean>(call, [](C a, C b) { return a <= b; });
      return true;
    case OpKind::greater:
      broadcast_apply<T, Boolean>(call, [](C a, C b) { return a > b; });
      return true;
    case OpKind::greater_equal:
      broadcast_apply<T, Boolean>(call, [](C a, C b) { return a >= b; });
      return true;
    case OpKind::logical_and:
      broadcast_apply<T, Boolean>(call, [](C a, C b) { return a && b; });
      return true;
    case OpKind::logical_or:
      broadcast_apply<T, Boolean>(call, [](C a, C b) { return a || b; });
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<void> run_binary(const OpCall& call) {
  bool fault = false;
  for_any_type(call.inputs[0].type->dtype, [&]<class T>() {
    if (run_boolean_result<T>(call)) return;
    if constexpr (kIsFloat<T>) run_float<T>(call);
    else if constexpr (!std::is_same_v<T, Boolean>) run_integer<T>(call, fault);
  });
  if (fault) return value_error(call, "integer division by zero");
  return {};
}

}  // namespace xpuq::reference
