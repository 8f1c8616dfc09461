#include "ops/resize_map.h"

#include <algorithm>
#include <cmath>

namespace xpuq::ops {
namespace {

float coordinate(const std::string& kind, const ResizeAxis& axis, std::int64_t o) {
  const auto in = static_cast<float>(axis.in), out = static_cast<float>(axis.out), x = static_cast<float>(o);
  if (kind == "asymmetric") return x / axis.scale;
  if (kind == "align_corners") return axis.out == 1 ? 0.0f : x * (in - 1.0f) / (out - 1.0f);
  if (kind == "pytorch_half_pixel" && axis.out == 1) return 0.0f;
  const float centre = (x + 0.5f) / axis.scale;
  if (kind != "half_pixel_symmetric") return centre - 0.5f;
  // Keeps the picture centred when in * scale is no integer and the size was rounded.
  const float adjustment = out / (axis.scale * in);
  return in / 2.0f * (1.0f - adjustment) + centre - 0.5f;
}

std::int64_t nearest(const std::string& mode, float x) {
  if (mode == "floor") return static_cast<std::int64_t>(std::floor(x));
  if (mode == "ceil") return static_cast<std::int64_t>(std::ceil(x));
  if (mode == "round_prefer_floor") return static_cast<std::int64_t>(std::ceil(x - 0.5f));
  return static_cast<std::int64_t>(std::floor(x + 0.5f));
}

}  // namespace

float resize_coordinate(const std::string& kind, const ResizeAxis& axis, std::int64_t o) {
  const float x = coordinate(kind, axis, o);
  return x > -8.0f ? std::min(x, static_cast<float>(axis.in) + 8.0f) : -8.0f;
}

std::vector<std::int64_t> nearest_indices(const Attributes& a, const ResizeAxis& axis) {
  std::vector<std::int64_t> map;
  for (std::int64_t o = 0; o < axis.out; ++o) {
    const std::int64_t i = nearest(a.get_string("nearest_mode"), resize_coordinate(a.get_string("coordinates"), axis, o));
    map.push_back(axis.in == axis.out ? o : std::clamp<std::int64_t>(i, 0, axis.in - 1));
  }
  return map;
}

}  // namespace xpuq::ops
