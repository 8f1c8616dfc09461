#include "runtime/cpu/step.h"

namespace xpuq {

std::vector<std::int64_t> strides_of(const TensorType& type) {
  const Shape& shape = type.shape;
  std::vector<std::int64_t> strides(shape.size(), 1);
  if (type.layout == Layout::channels_last && shape.size() >= 3) {
    std::int64_t stride = shape[1];
    for (std::size_t i = shape.size(); i-- > 2;) {
      strides[i] = stride;
      stride *= shape[i];
    }
    strides[0] = stride;
    strides[1] = 1;
    return strides;
  }
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

bool same_order(const TensorType& type, Layout layout) {
  if (type.layout == layout || type.shape.size() < 3) return true;
  std::int64_t pixels = 1;
  for (std::size_t i = 2; i < type.shape.size(); ++i) pixels *= type.shape[i];
  return type.shape[1] <= 1 || pixels <= 1;
}

std::vector<TensorType> StepContext::input_types() const {
  std::vector<TensorType> types;
  for (std::uint32_t v : step_.inputs) types.push_back(plan_.values[v].type);
  return types;
}

bool StepContext::has_empty() const {
  for (std::uint32_t v : step_.inputs) {
    if (plan_.values[v].type.elements() == 0) return true;
  }
  for (std::uint32_t v : step_.outputs) {
    if (plan_.values[v].type.elements() == 0) return true;
  }
  return false;
}

}  // namespace xpuq
