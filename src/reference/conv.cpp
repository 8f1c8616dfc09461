// conv, float and int8 (ops/conv.cpp). One plane of accumulators at a time: f64 for floats, exact s64 for int8, where
// padding adds nothing because it stands for real zero.
#include "reference/element.h"
#include "reference/epilogue.h"
#include "reference/groups.h"
#include "reference/spatial.h"

namespace xpuq::reference {
namespace {

/// acc[o] += x[o * stride - pad + tap * dilation] * w wherever that lies inside the plane `x`.
template <class Wide, class Acc, class X>
void add_tap(const Spatial& s, const Triple& tap, const X* x, Wide zero_point, Wide w, Acc* acc) {
  const Range d = positions(s, 0, tap[0], s.out[0], s.in[0]);
  const Range h = positions(s, 1, tap[1], s.out[1], s.in[1]);
  const Range c = positions(s, 2, tap[2], s.out[2], s.in[2]);
  const auto at = [&](std::size_t axis, std::int64_t o) {
    return o * s.stride[axis] - s.pad[axis] + tap[axis] * s.dilation[axis];
  };
  for (std::int64_t od = d.first; od < d.last; ++od)
    for (std::int64_t oh = h.first; oh < h.last; ++oh) {
      Acc* row = acc + offset(s.out, od, oh, 0);
      const X* from = x + offset(s.in, at(0, od), at(1, oh), 0) + at(2, 0);
      for (std::int64_t ow = c.first; ow < c.last; ++ow) row[ow] += (Wide(from[ow * s.stride[2]]) - zero_point) * w;
    }
}

template <class Wide, class Acc, class T>
void convolve(const OpCall& call, const T* src, const T* wei, Wide zero_point) {
  const Shape& in = call.inputs[0].type->shape;
  const Shape& weights = call.inputs[1].type->shape;
  const Spatial s =
      read_spatial(*call.attributes, in, call.outputs[0].type->shape, Ints(weights.begin() + 2, weights.end()));
  const std::int64_t groups = call.attributes->get_int("groups", 1);
  const std::int64_t oc_count = weights[0], ic_count = weights[1];
  Epilogue epilogue(call);
  std::vector<Acc> acc(static_cast<std::size_t>(volume(s.out)));
  std::int64_t index = 0;
  for (std::int64_t n = 0; n < in[0]; ++n)
    for (std::int64_t oc = 0; oc < oc_count; ++oc) {
      std::fill(acc.begin(), acc.end(), Acc(0));
      const std::int64_t first_ic = oc / (oc_count / groups) * ic_count;
      const T* w = wei + oc * ic_count * volume(s.kernel);
      for (std::int64_t ic = 0; ic < ic_count; ++ic) {
        const T* plane = src + (n * in[1] + first_ic + ic) * volume(s.in);
        for (std::int64_t kd = 0; kd < s.kernel[0]; ++kd)
          for (std::int64_t kh = 0; kh < s.kernel[1]; ++kh)
            for (std::int64_t kw = 0; kw < s.kernel[2]; ++kw)
              add_tap<Wide>(s, {kd, kh, kw}, plane, zero_point, Wide(*w++), acc.data());
      }
      for (const Acc& a : acc) epilogue.store(index++, oc, a);
    }
}

}  // namespace

Result<void> run_conv(const OpCall& call) {
  if (const auto& quant = call.inputs[0].type->quant) {
    convolve<std::int32_t, std::int64_t>(call, elements<std::int8_t>(call.inputs[0]),
                                         elements<std::int8_t>(call.inputs[1]), quant->zero_points[0]);
  } else {
    const FloatSource src(call.inputs[0]), wei(call.inputs[1]);
    convolve<double, double>(call, src.data(), wei.data(), 0.0);
  }
  return {};
}

}  // namespace xpuq::reference
