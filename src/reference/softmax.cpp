// softmax and log_softmax along one axis (ops/softmax.cpp): f32 with the sum in f64.
#include <cmath>

#include "reference/floats.h"
#include "reference/groups.h"

namespace xpuq::reference {
namespace {

void softmax_line(const float* x, float* y, std::int64_t step, std::int64_t count, bool logarithm) {
  float largest = x[0];
  for (std::int64_t i = 1; i < count; ++i)
    if (x[i * step] > largest) largest = x[i * step];
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) sum += y[i * step] = std::exp(x[i * step] - largest);
  const float total = static_cast<float>(sum);
  const float log_total = std::log(total);
  for (std::int64_t i = 0; i < count; ++i)
    y[i * step] = logarithm ? x[i * step] - largest - log_total : y[i * step] / total;
}

}  // namespace

Result<void> run_softmax(const OpCall& call) {
  const Shape& shape = call.inputs[0].type->shape;
  const auto axis = static_cast<std::size_t>(call.attributes->get_int("axis", 0));
  const std::int64_t count = shape[axis], total = element_count(shape);
  std::int64_t inner = 1;
  for (std::size_t i = axis + 1; i < shape.size(); ++i) inner *= shape[i];
  const FloatSource src(call.inputs[0]);
  FloatSink dst(call.outputs[0]);
  for (std::int64_t first = 0; first < total; first += count * inner)
    for (std::int64_t i = first; i < first + inner; ++i)
      softmax_line(src.data() + i, dst.data() + i, inner, count, call.kind == OpKind::log_softmax);
  return {};
}

}  // namespace xpuq::reference
