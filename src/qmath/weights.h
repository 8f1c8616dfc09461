// Symmetric s8 quantization of weights: PerChannelMinMax over one axis, or one scale for the whole tensor
// (pt2e-semantics 1.4, "Weights"; torchao PerChannelMinMaxObserver is the reference implementation).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "qmath/affine.h"
#include "xpuq/result.h"
#include "xpuq/types.h"

namespace xpuq::qmath {

struct QuantizedWeights {
  std::vector<std::int8_t> codes;  ///< row-major, the shape of the weights
  QuantParams quant;               ///< shape[axis] scales (or one), zero points 0, the axis
  std::size_t channels_at_floor = 0;  ///< channels whose scale was raised to kScaleFloor (max |w| < 0.0311)
};

/// Quantizes row-major `weights` of `shape` to [-128, 127]: per channel of `axis`, or per tensor when it is empty.
/// Per channel c: scale = max(fl(max(-min(w,0), max(w,0)) / 127.5), 2^-12), code = clamp(rne(fl(w * fl(1/scale)))). Another `floor` than 2^-12 leaves the reference.
/// E306, without `who`, when a weight is NaN or infinite; the message names the channel and the element's index in it.
Result<QuantizedWeights> quantize_weights(std::span<const float> weights, const Shape& shape, std::optional<int> axis,
                                          float floor = kScaleFloor);

}  // namespace xpuq::qmath
