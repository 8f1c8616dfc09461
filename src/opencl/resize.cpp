// resize (src/reference/resize.cpp). Where every output element reads, and with which weights, is computed here with
// the interpreter's arithmetic and handed to the kernel as tables. nearest is exact; linear and cubic carry in two
// floats what the interpreter has in f64.
#include "opencl/resize.h"

#include <algorithm>
#include <cmath>

#include "opencl/c_type.h"
#include "opencl/elementwise.h"
#include "opencl/formula.h"
#include "opencl/indexed_move.h"
#include "opencl/number.h"
#include "opencl/refuse.h"
#include "ops/resize_map.h"

namespace xpuq::opencl {
namespace {

using ResizedAxis = ops::ResizeAxis;

std::int32_t clamped(const ResizedAxis& axis, std::int64_t i) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(i, 0, axis.in - 1));
}

double cubic(double t, double a) {
  t = std::abs(t);
  if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? ((t - 5) * t + 8) * t * a - 4 * a : 0;
}

/// For every output of one axis `taps` places, and as many weights in two floats.
struct AxisTaps {
  std::vector<std::int32_t> places;
  std::vector<float> weights;
};

AxisTaps axis_taps(const Attributes& a, const ResizedAxis& axis, bool linear) {
  AxisTaps out;
  for (std::int64_t o = 0; o < axis.out; ++o) {
    const float x = ops::resize_coordinate(a.get_string("coordinates"), axis, o), below = std::floor(x);
    const auto base = static_cast<std::int64_t>(below);
    const double t = static_cast<double>(x) - static_cast<double>(below);
    for (int i = linear ? 1 : 0; i < (linear ? 3 : 4); ++i) {
      const double w = linear ? (i == 1 ? 1 - t : t) : cubic(t + 1 - i, a.get_float("cubic_a", -0.75));
      const auto high = static_cast<float>(w);
      out.places.push_back(clamped(axis, base - 1 + i));
      out.weights.push_back(high);
      out.weights.push_back(static_cast<float>(w - static_cast<double>(high)));
    }
  }
  return out;
}

Kernel interpolate(const Plan& plan, const Step& step, const std::vector<ResizedAxis>& axes, Tail& tail) {
  const PlanValue& src = plan.values[step.inputs[0]];
  const PlanValue& dst = plan.values[tail.value()];
  const bool linear = step.attributes.get_string("mode") == "linear";
  const std::int64_t taps = linear ? 2 : 4;
  KernelText out("resize");
  Prelude& prelude = out.prelude();
  for (const char* piece : {"pair_product", "pair_sum", "pair_round"}) prelude.need(piece);
  const std::string x = out.read(step.inputs[0], src.type.dtype), y = tail.declare(out);
  std::vector<std::string> at = coordinate_names(axes.size());
  std::vector<std::size_t> resized;
  std::vector<std::string> places, weights;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i].in == axes[i].out) continue;
    AxisTaps t = axis_taps(step.attributes, axes[i], linear);
    resized.push_back(i);
    places.push_back(out.literal(literal_bytes(t.places), DataType::s32));
    weights.push_back(out.literal(literal_bytes(t.weights), DataType::f32));
    at[i] = "s" + std::to_string(i);
  }
  begin_elements(out, dst);
  // One axis inside the other, the last one innermost, as the interpreter goes.
  for (std::size_t k = 0; k < resized.size(); ++k) {
    const std::string n = std::to_string(k), o = "o" + std::to_string(resized[k]), entry = o + " * " + text(taps) + " + k" + n;
    out.line("float2 sum" + n + " = (float2)(0.0f, 0.0f);");
    out.line("for (int k" + n + " = 0; k" + n + " < " + text(taps) + "; ++k" + n + ") {");
    out.line("const int " + at[resized[k]] + " = " + places[k] + "[" + entry + "];");
    out.line("const float2 w" + n + " = (float2)(" + weights[k] + "[2 * (" + entry + ")], " + weights[k] + "[2 * (" + entry + ") + 1]);");
    // A weight of zero adds nothing, not even a NaN.
    out.line("if (w" + n + ".x == 0.0f) continue;");
  }
  const std::string value = as_f32(src.type.dtype, x + "[" + address(src, at) + "]", prelude);
  for (std::size_t k = resized.size(); k-- > 0;) {
    const std::string n = std::to_string(k);
    const std::string inner = k + 1 == resized.size() ? "(float2)(" + value + ", 0.0f)" : "sum" + std::to_string(k + 1);
    out.line("sum" + n + " = xpuq_pair_sum(sum" + n + ", xpuq_pair_product(w" + n + ", " + inner + "));");
    out.line("}");
  }
  const std::string result = resized.empty() ? value : "xpuq_pair_round(sum0)";
  out.line(y + "[to] = " + tail.element(result, out) + ";");
  return out.finish();
}

}  // namespace

Result<std::vector<Kernel>> emit_resize(const Plan& plan, const Step& step, Tail tail) {
  const Attributes& a = step.attributes;
  const TensorType& src = plan.values[step.inputs[0]].type;
  const Shape& out = plan.values[step.outputs[0]].type.shape;
  if (src.elements() >= std::int64_t{1} << 31 || element_count(out) >= std::int64_t{1} << 31) return refusal(step, "more than 2^31 elements");
  std::vector<ResizedAxis> axes;
  for (std::size_t i = 0; i < out.size(); ++i) axes.push_back({src.shape[i], out[i], static_cast<float>(a.get_floats("scales")[i])});
  if (a.get_string("mode") != "nearest") {
    if (!is_kernel_float(src.dtype)) return refusal(step, "unsupported type", std::string(to_string(src.dtype)));
    return std::vector<Kernel>{interpolate(plan, step, axes, tail)};
  }
  std::vector<std::vector<std::int32_t>> maps(axes.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i].in == axes[i].out) continue;
    const std::vector<std::int64_t> indices = ops::nearest_indices(a, axes[i]);
    maps[i].assign(indices.begin(), indices.end());
  }
  return std::vector<Kernel>{emit_mapped(plan, step, maps)};
}

}  // namespace xpuq::opencl
