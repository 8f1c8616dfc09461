// cumsum (ops/cumsum.cpp): float sums in f64, rounded once each; integer ones modulo 2^64.
#include "reference/element.h"
#include "reference/groups.h"

namespace xpuq::reference {
namespace {

template <class T>
void sum_line(const T* x, T* y, std::int64_t step, std::int64_t count, bool exclusive) {
  std::conditional_t<kIsFloat<T>, double, std::uint64_t> sum = 0;
  using Sum = decltype(sum);
  for (std::int64_t i = 0; i < count; ++i) {
    const Sum before = sum;
    sum += static_cast<Sum>(Compute<T>(x[i * step]));
    const Sum out = exclusive ? before : sum;
    if constexpr (kIsFloat<T>) y[i * step] = T(static_cast<Compute<T>>(out));
    else y[i * step] = static_cast<T>(out);
  }
}

}  // namespace

Result<void> run_cumsum(const OpCall& call) {
  const Attributes& a = *call.attributes;
  const Shape& shape = call.inputs[0].type->shape;
  const auto axis = static_cast<std::size_t>(a.get_int("axis", 0));
  const bool exclusive = a.get_int("exclusive", 0) != 0, reverse = a.get_int("reverse", 0) != 0;
  const std::int64_t count = shape[axis], total = element_count(shape);
  std::int64_t inner = 1;
  for (std::size_t i = axis + 1; i < shape.size(); ++i) inner *= shape[i];
  const std::int64_t first = reverse ? (count - 1) * inner : 0;
  for_number_type(call.inputs[0].type->dtype, [&]<class T>() {
    const T* x = elements<T>(call.inputs[0]);
    T* y = elements<T>(call.outputs[0]);
    for (std::int64_t block = 0; block < total; block += count * inner)
      for (std::int64_t i = block + first; i < block + first + inner; ++i)
        sum_line(x + i, y + i, reverse ? -inner : inner, count, exclusive);
  });
  return {};
}

}  // namespace xpuq::reference
