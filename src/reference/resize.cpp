// resize (ops/resize.cpp): coordinates in f32 as torch and ONNX Runtime compute them. Nearest maps the indices of every
// axis; linear and cubic are separable, one axis after the other with f64 values, rounded once at the end.
#include <algorithm>
#include <cmath>

#include "ops/resize_map.h"
#include "reference/copy.h"
#include "reference/floats.h"
#include "reference/groups.h"

namespace xpuq::reference {
namespace {

using Axis = ops::ResizeAxis;

std::int64_t inside(const Axis& axis, std::int64_t i) { return std::clamp<std::int64_t>(i, 0, axis.in - 1); }

/// The elements that make one output along one axis; unused ones have weight 0.
struct Taps {
  std::int64_t index[4];
  double weight[4];
};

/// Keys' cubic convolution kernel at distance t with coefficient a; -0.75 in torch and by default in ONNX.
double cubic(double t, double a) {
  t = std::abs(t);
  if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? ((t - 5) * t + 8) * t * a - 4 * a : 0;
}

Taps taps(const Attributes& a, const Axis& axis, std::int64_t o) {
  const float x = ops::resize_coordinate(a.get_string("coordinates"), axis, o);
  const float below = std::floor(x);
  const auto base = static_cast<std::int64_t>(below);
  const double t = static_cast<double>(x) - static_cast<double>(below);
  Taps out{};
  for (int i = 0; i < 4; ++i) out.index[i] = inside(axis, base - 1 + i);  // neighbours outside repeat the border
  if (a.get_string("mode") == "linear") {
    out.weight[1] = 1 - t;
    out.weight[2] = t;
  } else {
    const double c = a.get_float("cubic_a", -0.75);
    for (int i = 0; i < 4; ++i) out.weight[i] = cubic(t + 1 - i, c);
  }
  return out;
}

/// One axis of `values` (outer, axis.in, inner) becomes (outer, axis.out, inner).
std::vector<double> interpolate(const Attributes& a, const Axis& axis, const std::vector<double>& values,
                                std::int64_t inner) {
  const std::int64_t outer = static_cast<std::int64_t>(values.size()) / (axis.in * inner);
  std::vector<double> out;
  out.reserve(static_cast<std::size_t>(outer * axis.out * inner));
  std::vector<Taps> all;
  for (std::int64_t o = 0; o < axis.out; ++o) all.push_back(taps(a, axis, o));
  for (std::int64_t b = 0; b < outer; ++b)
    for (const Taps& t : all)
      for (std::int64_t i = 0; i < inner; ++i) {
        double sum = 0;
        for (int k = 0; k < 4; ++k)
          if (t.weight[k] != 0)
            sum += t.weight[k] * values[static_cast<std::size_t>((b * axis.in + t.index[k]) * inner + i)];
        out.push_back(sum);
      }
  return out;
}

}  // namespace

Result<void> run_resize(const OpCall& call) {
  const Attributes& a = *call.attributes;
  const Shape& in = call.inputs[0].type->shape;
  const Shape& out = call.outputs[0].type->shape;
  std::vector<Axis> axes;
  for (std::size_t i = 0; i < in.size(); ++i)
    axes.push_back({in[i], out[i], static_cast<float>(a.get_floats("scales")[i])});
  if (a.get_string("mode") == "nearest") {
    std::vector<std::vector<std::int64_t>> maps;
    for (const Axis& axis : axes) maps.push_back(ops::nearest_indices(a, axis));
    copy_mapped(size_of(call.inputs[0].type->dtype), in, call.inputs[0].bytes, maps, call.outputs[0].bytes);
    return {};
  }
  const FloatSource src(call.inputs[0]);
  std::vector<double> values(src.data(), src.data() + element_count(in));
  std::int64_t inner = 1;
  for (std::size_t i = axes.size(); i-- > 0;) {
    if (axes[i].in != axes[i].out) values = interpolate(a, axes[i], values, inner);
    inner *= axes[i].out;
  }
  FloatSink dst(call.outputs[0]);
  std::copy(values.begin(), values.end(), dst.data());
  return {};
}

}  // namespace xpuq::reference
