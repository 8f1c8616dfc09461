#include "samples/resample_weights.h"

#include <algorithm>

#include "support/check.h"

namespace xpuq::samples {
namespace {

double bilinear(double x) {
  if (x < 0.0) x = -x;
  return x < 1.0 ? 1.0 - x : 0.0;
}

double bicubic(double x) {
  constexpr double a = -0.5;
  if (x < 0.0) x = -x;
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

std::int32_t to_fixed(double w) {
  const double scaled = w * (1 << kWeightBits);
  return static_cast<std::int32_t>(w < 0 ? scaled - 0.5 : scaled + 0.5);
}

}  // namespace

std::int32_t AxisWeights::first_source() const {
  std::int32_t first = outputs.front().first;
  for (const Output& o : outputs) first = std::min(first, o.first);
  return first;
}

std::int32_t AxisWeights::end_source() const {
  std::int32_t end = 0;
  for (const Output& o : outputs) end = std::max(end, o.first + o.count);
  return end;
}

AxisWeights axis_weights(int in, int out, int begin, int count, Interpolation interpolation) {
  XPUQ_CHECK(in > 0 && out > 0 && count > 0, "an axis has samples");
  const auto filter = interpolation == Interpolation::bicubic ? bicubic : bilinear;
  const double scale = static_cast<double>(in) / out;
  const double filter_scale = std::max(scale, 1.0);
  const double support = (interpolation == Interpolation::bicubic ? 2.0 : 1.0) * filter_scale;
  const double inverse = 1.0 / filter_scale;  // multiplied, not divided: the last bit is Pillow's

  AxisWeights weights;
  weights.outputs.reserve(static_cast<std::size_t>(count));
  std::vector<double> taps;
  for (int i = begin; i < begin + count; ++i) {
    const double center = (i + 0.5) * scale;
    const int first = std::max(static_cast<int>(center - support + 0.5), 0);
    const int end = std::min(static_cast<int>(center + support + 0.5), in);
    taps.clear();
    double sum = 0.0;
    for (int x = first; x < end; ++x) {
      taps.push_back(filter((x - center + 0.5) * inverse));
      sum += taps.back();
    }
    weights.outputs.push_back({first, static_cast<std::int32_t>(taps.size()), weights.low.size()});
    for (double w : taps) {
      const std::int32_t fixed = to_fixed(sum != 0.0 ? w / sum : w);
      weights.low.push_back(static_cast<std::int16_t>(fixed & 0x7fff));
      weights.high.push_back(static_cast<std::int16_t>(fixed >> 15));
    }
  }
  return weights;
}

}  // namespace xpuq::samples
