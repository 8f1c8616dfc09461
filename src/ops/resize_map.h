// Which source positions an axis of a resize reads: the one rule of the interpreter, the CPU engine and the GPU kernels.
// Source: ONNX operator Resize, coordinate_transformation_mode and nearest_mode; f32, as torch and ONNX Runtime compute.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ops/attributes.h"

namespace xpuq::ops {

struct ResizeAxis {
  std::int64_t in, out;
  float scale;
};

/// Source coordinate of output `o`, held near the axis: it can be huge, or NaN, when scale and sizes disagree, and beyond
/// the border all of them mean the border.
float resize_coordinate(const std::string& kind, const ResizeAxis& axis, std::int64_t o);

/// Source index of every output of the axis in mode nearest.
std::vector<std::int64_t> nearest_indices(const Attributes& attributes, const ResizeAxis& axis);

}  // namespace xpuq::ops
