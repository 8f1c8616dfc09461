// conv_transpose: every src element is spread over a window of dst (ops/conv_transpose.cpp); f64 accumulators.
#include "reference/floats.h"
#include "reference/groups.h"
#include "reference/spatial.h"

namespace xpuq::reference {
namespace {

/// acc[i * stride - pad + tap * dilation] += x[i] * w wherever that lies inside the plane `acc`.
void spread_tap(const Spatial& s, const Triple& tap, const float* x, double w, double* acc) {
  const Range d = positions(s, 0, tap[0], s.in[0], s.out[0]);
  const Range h = positions(s, 1, tap[1], s.in[1], s.out[1]);
  const Range c = positions(s, 2, tap[2], s.in[2], s.out[2]);
  const auto at = [&](std::size_t axis, std::int64_t i) {
    return i * s.stride[axis] - s.pad[axis] + tap[axis] * s.dilation[axis];
  };
  for (std::int64_t id = d.first; id < d.last; ++id)
    for (std::int64_t ih = h.first; ih < h.last; ++ih)
      for (std::int64_t iw = c.first; iw < c.last; ++iw)
        acc[offset(s.out, at(0, id), at(1, ih), at(2, iw))] += static_cast<double>(x[offset(s.in, id, ih, iw)]) * w;
}

}  // namespace

Result<void> run_conv_transpose(const OpCall& call) {
  const Shape& in = call.inputs[0].type->shape;
  const Shape& weights = call.inputs[1].type->shape;
  const Spatial s =
      read_spatial(*call.attributes, in, call.outputs[0].type->shape, Ints(weights.begin() + 2, weights.end()));
  const std::int64_t groups = call.attributes->get_int("groups", 1);
  const std::int64_t ic_group = in[1] / groups, oc_group = weights[1];
  const FloatSource src(call.inputs[0]), wei(call.inputs[1]);
  std::optional<FloatSource> bia;
  if (call.inputs.size() > 2) bia.emplace(call.inputs[2]);
  FloatSink dst(call.outputs[0]);

  std::vector<double> acc(static_cast<std::size_t>(volume(s.out)));
  std::int64_t index = 0;
  for (std::int64_t n = 0; n < in[0]; ++n)
    for (std::int64_t oc = 0; oc < oc_group * groups; ++oc) {
      std::fill(acc.begin(), acc.end(), 0.0);
      const std::int64_t group = oc / oc_group;
      for (std::int64_t ic = group * ic_group; ic < (group + 1) * ic_group; ++ic) {
        const float* plane = src.data() + (n * in[1] + ic) * volume(s.in);
        const float* w = wei.data() + (ic * oc_group + oc % oc_group) * volume(s.kernel);
        for (std::int64_t kd = 0; kd < s.kernel[0]; ++kd)
          for (std::int64_t kh = 0; kh < s.kernel[1]; ++kh)
            for (std::int64_t kw = 0; kw < s.kernel[2]; ++kw) spread_tap(s, {kd, kh, kw}, plane, *w++, acc.data());
      }
      for (double a : acc) dst[index++] = bia ? static_cast<float>(a) + (*bia)[oc] : static_cast<float>(a);
    }
  return {};
}

}  // namespace xpuq::reference
