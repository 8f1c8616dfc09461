// The formulas of pt2e-semantics section 1 for one element, and the channel of an element.
#pragma once

#include <cmath>
#include <cstdint>

#include "xpuq/types.h"

namespace xpuq::reference {

/// Section 1.1: clamp(rne(fl(x * inverse_scale)) + zero_point), where inverse_scale is fl(1 / scale). The zero point is
/// added after rounding, in f32; NaN gives 0.
inline std::int32_t quantize(float x, float inverse_scale, std::int32_t zero_point, std::int32_t low,
                             std::int32_t high) {
  const float q = std::nearbyint(x * inverse_scale) + static_cast<float>(zero_point);
  if (q != q) return 0;
  if (q < static_cast<float>(low)) return low;
  if (q > static_cast<float>(high)) return high;
  return static_cast<std::int32_t>(q);
}

/// Section 1.2: fl((q - zero_point) * scale); the subtraction is exact.
inline float dequantize(std::int32_t q, float scale, std::int32_t zero_point) {
  return static_cast<float>(q - zero_point) * scale;
}

/// Section 5.2, the store of conv and linear: clamp(rne(fl(fl(v * inverse_scale) + zero_point))). Unlike quantize() the
/// zero point is inside the rounding.
inline std::int8_t requantize(float v, float inverse_scale, float zero_point) {
  const float q = std::nearbyint(v * inverse_scale + zero_point);
  if (q != q) return 0;
  return static_cast<std::int8_t>(q < -128.0f ? -128.0f : q > 127.0f ? 127.0f : q);
}

/// Which scale an element of a quantized tensor uses.
class ChannelWalk {
 public:
  explicit ChannelWalk(const TensorType& type) {
    if (type.quant->per_tensor()) return;
    const auto axis = static_cast<std::size_t>(*type.quant->axis);
    channels_ = static_cast<std::size_t>(type.shape[axis]);
    for (std::size_t i = axis + 1; i < type.shape.size(); ++i) inner_ *= static_cast<std::size_t>(type.shape[i]);
  }
  std::size_t of(std::size_t element) const { return channels_ == 1 ? 0 : element / inner_ % channels_; }

 private:
  std::size_t channels_ = 1;
  std::size_t inner_ = 1;
};

}  // namespace xpuq::reference
