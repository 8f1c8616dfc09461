// Reductions and argmax (ops/reduce.cpp). Float sums and products in f64, integer ones modulo 2^64; NaN is the largest
// and the smallest, as in torch.
#include <algorithm>
#include <limits>

#include "reference/element.h"
#include "reference/groups.h"
#include "reference/rows.h"

namespace xpuq::reference {
namespace {

/// Strides of dst seen with the axes of src: 0 along reduced ones, where all elements meet in one.
Strides dst_strides(const OpCall& call) {
  const Shape& src = call.inputs[0].type->shape;
  const Ints& axes = call.attributes->get_ints("axes");
  Strides out(src.size(), 0);
  std::int64_t stride = 1;
  for (std::size_t i = src.size(); i-- > 0;) {
    if (std::find(axes.begin(), axes.end(), static_cast<std::int64_t>(i)) != axes.end()) continue;
    out[i] = stride;
    stride *= src[i];
  }
  return out;
}

/// acc = f(acc, x) over all elements that meet, then dst = acc / divisor (of which only the mean has one).
template <class T, class Acc, class F>
void fold(const OpCall& call, Acc start, F f, Acc divisor = 1) {
  const Shape& shape = call.inputs[0].type->shape;
  std::vector<Acc> acc(static_cast<std::size_t>(call.outputs[0].type->elements()), start);
  for_each_row<2>(shape, {row_major_strides(shape), dst_strides(call)},
                  [&](const auto& at, const auto& step, std::int64_t count) {
                    const T* x = elements<T>(call.inputs[0]) + at[0];
                    Acc* y = acc.data() + at[1];
                    for (std::int64_t i = 0; i < count; ++i)
                      y[i * step[1]] = f(y[i * step[1]], static_cast<Acc>(Compute<T>(x[i * step[0]])));
                  });
  T* dst = elements<T>(call.outputs[0]);
  for (std::size_t i = 0; i < acc.size(); ++i) {
    if constexpr (kIsFloat<T>) dst[i] = T(static_cast<Compute<T>>(acc[i] / divisor));
    else dst[i] = static_cast<T>(acc[i]);
  }
}

template <class T>
void reduce(const OpCall& call) {
  using C = Compute<T>;
  using Sum = std::conditional_t<kIsFloat<T>, double, std::uint64_t>;
  using Limits = std::numeric_limits<C>;
  const C lowest = Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
  const C highest = Limits::has_infinity ? Limits::infinity() : Limits::max();
  switch (call.kind) {
    case OpKind::reduce_sum:
      return fold<T, Sum>(call, 0, [](Sum a, Sum x) { return a + x; });
    case OpKind::reduce_prod:
      return fold<T, Sum>(call, 1, [](Sum a, Sum x) { return a * x; });
    case OpKind::reduce_max:
      return fold<T, C>(call, lowest, [](C a, C x) { return x > a || x != x ? x : a; });
    case OpKind::reduce_min:
      return fold<T, C>(call, highest, [](C a, C x) { return x < a || x != x ? x : a; });
    default: {
      double count = 1;
      for (std::int64_t axis : call.attributes->get_ints("axes"))
        count *= static_cast<double>(call.inputs[0].type->shape[static_cast<std::size_t>(axis)]);
      return fold<T, double>(call, 0, [](double a, double x) { return a + x; }, count);
    }
  }
}

template <class T>
void argmax(const OpCall& call) {
  const Shape& shape = call.inputs[0].type->shape;
  const auto axis = static_cast<std::size_t>(call.attributes->get_int("axis", 0));
  std::int64_t inner = 1;
  for (std::size_t i = axis + 1; i < shape.size(); ++i) inner *= shape[i];
  const T* src = elements<T>(call.inputs[0]);
  auto* dst = elements<std::int64_t>(call.outputs[0]);
  const std::int64_t count = call.outputs[0].type->elements();
  for (std::int64_t o = 0; o < count; ++o) {
    const T* x = src + o / inner * shape[axis] * inner + o % inner;
    std::int64_t best = 0;
    for (std::int64_t i = 1; i < shape[axis]; ++i) {
      const Compute<T> v = x[i * inner], b = x[best * inner];
      if (v > b || (v != v && b == b)) best = i;
    }
    dst[o] = best;
  }
}

}  // namespace

Result<void> run_reduce(const OpCall& call) {
  for_number_type(call.inputs[0].type->dtype,
                  [&]<class T>() { call.kind == OpKind::argmax ? argmax<T>(call) : reduce<T>(call); });
  return {};
}

}  // namespace xpuq::reference
