// linear, float and int8 (ops/linear.cpp): one dot product per output.
#include "reference/element.h"
#include "reference/epilogue.h"
#include "reference/groups.h"

namespace xpuq::reference {
namespace {

/// Eight sums side by side, so that a compiler may use vector registers without reordering anything.
template <class Wide, class Acc, class T>
Acc dot(const T* x, const T* w, std::int64_t count, Wide zero_point) {
  constexpr std::int64_t kLanes = 8;
  Acc lanes[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (std::int64_t l = 0; l < kLanes; ++l) lanes[l] += (Wide(x[i + l]) - zero_point) * Wide(w[i + l]);
  for (; i < count; ++i) lanes[0] += (Wide(x[i]) - zero_point) * Wide(w[i]);
  Acc sum = 0;
  for (Acc lane : lanes) sum += lane;
  return sum;
}

template <class Wide, class Acc, class T>
void multiply(const OpCall& call, const T* src, const T* wei, Wide zero_point) {
  const std::int64_t outputs = call.inputs[1].type->shape[0];
  const std::int64_t inputs = call.inputs[1].type->shape[1];
  const std::int64_t count = call.outputs[0].type->elements();
  Epilogue epilogue(call);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t row = i / outputs, o = i % outputs;
    epilogue.store(i, o, dot<Wide, Acc>(src + row * inputs, wei + o * inputs, inputs, zero_point));
  }
}

}  // namespace

Result<void> run_linear(const OpCall& call) {
  if (const auto& quant = call.inputs[0].type->quant) {
    multiply<std::int32_t, std::int64_t>(call, elements<std::int8_t>(call.inputs[0]),
                                         elements<std::int8_t>(call.inputs[1]), quant->zero_points[0]);
  } else {
    const FloatSource src(call.inputs[0]), wei(call.inputs[1]);
    multiply<double, double>(call, src.data(), wei.data(), 0.0);
  }
  return {};
}

}  // namespace xpuq::reference
