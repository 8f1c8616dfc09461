// topk (ops/topk.cpp): a stable sort of the places of each line.
#include <algorithm>
#include <numeric>

#include "reference/element.h"
#include "reference/groups.h"

namespace xpuq::reference {
namespace {

/// NaN is larger than everything, and equal to itself.
template <class T>
bool less(T a, T b) {
  if constexpr (kIsFloat<T> || std::is_floating_point_v<T>) {
    if (b != b) return a == a;
  }
  return a < b;
}

template <class T>
void rank_all(const OpCall& call) {
  const Shape& shape = call.inputs[0].type->shape;
  const auto axis = static_cast<std::size_t>(call.attributes->get_int("axis", 0));
  const bool largest = call.attributes->get_int("largest", 1) != 0;
  const std::int64_t k = call.attributes->get_int("k", 0), count = shape[axis];
  std::int64_t inner = 1;
  for (std::size_t i = axis + 1; i < shape.size(); ++i) inner *= shape[i];
  const std::int64_t lines = element_count(shape) / count;
  std::vector<std::int64_t> places(static_cast<std::size_t>(count));
  auto* dst = elements<std::int64_t>(call.outputs[0]);
  for (std::int64_t line = 0; line < lines; ++line) {
    const std::int64_t outer = line / inner, lane = line % inner;
    const T* x = elements<T>(call.inputs[0]) + outer * count * inner + lane;
    std::iota(places.begin(), places.end(), std::int64_t{0});
    std::stable_sort(places.begin(), places.end(), [&](std::int64_t i, std::int64_t j) {
      const Compute<T> a = x[i * inner], b = x[j * inner];
      return largest ? less(b, a) : less(a, b);
    });
    for (std::int64_t i = 0; i < k; ++i)
      dst[outer * k * inner + i * inner + lane] = places[static_cast<std::size_t>(i)];
  }
}

}  // namespace

Result<void> run_topk(const OpCall& call) {
  for_number_type(call.inputs[0].type->dtype, [&]<class T>() { rank_all<T>(call); });
  return {};
}

}  // namespace xpuq::reference
