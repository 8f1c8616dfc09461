// Pools (ops/pool.cpp). Float averages: sum and division in f64, rounded once. Int8 averages: acc = exact sum of
// (q - zero_point), q = clamp(rne(fl((float)acc / (float)count)) + zero_point), which equals dequantize, pool, quantize
// with the same scale but for ties, where PyTorch's f32 sum decides (qmath/average.h). Int8 maxima are taken on the
// codes, whose order is that of the reals.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "qmath/average.h"
#include "reference/element.h"
#include "reference/groups.h"
#include "reference/spatial.h"

namespace xpuq::reference {
namespace {

/// The part of one window that lies inside src, and how many elements its average is over.
struct Box {
  Triple first, last;
  std::int64_t count;
};

template <class T, class Visit>
void for_each_tap(const T* plane, const Triple& size, const Box& box, const Visit& visit) {
  for (std::int64_t d = box.first[0]; d < box.last[0]; ++d)
    for (std::int64_t h = box.first[1]; h < box.last[1]; ++h)
      for (std::int64_t w = box.first[2]; w < box.last[2]; ++w) visit(plane[offset(size, d, h, w)]);
}

template <class T>
T float_average(const T* plane, const Triple& size, const Box& box) {
  double acc = 0;
  for_each_tap(plane, size, box, [&](T v) { acc += static_cast<float>(v); });
  return T(static_cast<float>(acc / static_cast<double>(box.count)));
}

std::int8_t int8_average(const std::int8_t* plane, const Triple& size, const Box& box, qmath::AverageOrder order,
                         const QuantParams& quant) {
  const std::int32_t zero_point = quant.zero_points[0];
  std::int64_t acc = 0;
  for_each_tap(plane, size, box, [&](std::int8_t v) { acc += v - zero_point; });
  const float mean = static_cast<float>(acc) / static_cast<float>(box.count);
  if (qmath::is_tie(mean)) {
    std::vector<std::int32_t> offsets;
    for_each_tap(plane, size, box, [&](std::int8_t v) { offsets.push_back(v - zero_point); });
    const qmath::AverageWindow window{.order = order,
                                      .taps = static_cast<std::int64_t>(offsets.size()),
                                      .divisor = static_cast<float>(box.count),
                                      .height = static_cast<float>(box.last[1] - box.first[1]),
                                      .width = static_cast<float>(box.last[2] - box.first[2])};
    return static_cast<std::int8_t>(qmath::average_of_tie(window, quant.scales[0], zero_point,
                                                          [&](std::int64_t i) { return offsets[static_cast<std::size_t>(i)]; }));
  }
  const float q = std::nearbyint(mean) + static_cast<float>(zero_point);
  return static_cast<std::int8_t>(q < -128.0f ? -128.0f : q > 127.0f ? 127.0f : q);
}

template <class T>
T average(const T* plane, const Triple& size, const Box& box, qmath::AverageOrder order, const TensorType& src) {
  if constexpr (kIsFloat<T>) return float_average(plane, size, box);
  else return int8_average(plane, size, box, order, *src.quant);
}

template <class T>
T largest(const T* plane, const Spatial& s, const Triple& o) {
  using Limits = std::numeric_limits<Compute<T>>;
  Compute<T> best = Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
  const auto at = [&](std::size_t axis, std::int64_t tap) {
    return o[axis] * s.stride[axis] - s.pad[axis] + tap * s.dilation[axis];
  };
  const Range d = taps_inside(s, 0, o[0]), h = taps_inside(s, 1, o[1]), w = taps_inside(s, 2, o[2]);
  for (std::int64_t kd = d.first; kd < d.last; ++kd)
    for (std::int64_t kh = h.first; kh < h.last; ++kh)
      for (std::int64_t kw = w.first; kw < w.last; ++kw) {
        const Compute<T> v = plane[offset(s.in, at(0, kd), at(1, kh), at(2, kw))];
        if (v > best || v != v) best = v;
      }
  return T(best);
}

/// Calls f(src plane, output index) for every output, and stores what it returns.
template <class T, class F>
void for_each_output(const OpCall& call, const Triple& in, const Triple& out, F f) {
  const Shape& shape = call.inputs[0].type->shape;
  const T* plane = elements<T>(call.inputs[0]);
  T* dst = elements<T>(call.outputs[0]);
  for (std::int64_t nc = 0; nc < shape[0] * shape[1]; ++nc, plane += volume(in))
    for (std::int64_t d = 0; d < out[0]; ++d)
      for (std::int64_t h = 0; h < out[1]; ++h)
        for (std::int64_t w = 0; w < out[2]; ++w) *dst++ = f(plane, Triple{d, h, w});
}

/// torch's avg_pool: what ceil_mode adds beyond the right padding counts for nothing.
Box average_box(const Spatial& s, const Triple& pads_end, const Triple& o, const Attributes& a) {
  Box box{};
  std::int64_t padded = 1, inside = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::int64_t first = o[i] * s.stride[i] - s.pad[i];
    const std::int64_t last = std::min(first + s.kernel[i], s.in[i] + pads_end[i]);
    padded *= last - first;
    box.first[i] = std::max<std::int64_t>(first, 0);
    box.last[i] = std::min(last, s.in[i]);
    inside *= box.last[i] - box.first[i];
  }
  box.count = a.has("divisor_override")           ? a.get_int("divisor_override", 1)
              : a.get_int("count_include_pad", 0) ? padded
                                                  : inside;
  return box;
}

Box adaptive_box(const Triple& in, const Triple& out, const Triple& o) {
  Box box{};
  box.count = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    box.first[i] = o[i] * in[i] / out[i];
    box.last[i] = ((o[i] + 1) * in[i] + out[i] - 1) / out[i];
    box.count *= box.last[i] - box.first[i];
  }
  return box;
}

template <class T>
void pool(const OpCall& call) {
  const Attributes& a = *call.attributes;
  const TensorType& src = *call.inputs[0].type;
  const Spatial s = read_spatial(a, src.shape, call.outputs[0].type->shape, a.get_ints("kernel"));
  if (call.kind == OpKind::max_pool) {
    for_each_output<T>(call, s.in, s.out, [&](const T* plane, const Triple& o) { return largest(plane, s, o); });
  } else if (call.kind == OpKind::avg_pool) {
    const Ints& ends = a.get_ints("pads_end");
    const Triple pads_end = as_triple(ends.data(), ends.data() + ends.size(), 0);
    for_each_output<T>(call, s.in, s.out, [&](const T* plane, const Triple& o) {
      return average(plane, s.in, average_box(s, pads_end, o, a), qmath::AverageOrder::window, src);
    });
  } else {
    const auto order = volume(s.out) == 1 ? qmath::AverageOrder::mean : qmath::AverageOrder::adaptive;
    for_each_output<T>(call, s.in, s.out, [&](const T* plane, const Triple& o) {
      return average(plane, s.in, adaptive_box(s.in, s.out, o), order, src);
    });
  }
}

}  // namespace

Result<void> run_pool(const OpCall& call) {
  switch (call.inputs[0].type->dtype) {
    case DataType::s8:
      pool<std::int8_t>(call);
      break;
    case DataType::bf16:
      pool<Bf16>(call);
      break;
    default:
      pool<float>(call);
      break;
  }
  return {};
}

}  // namespace xpuq::reference
