#include "qmath/adaptive_rounding.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace xpuq::qmath {
namespace {

// Sampled moments are uncertain: a hundredth of their mean diagonal keeps weights whose inputs hardly matter nearest.
constexpr double kDamping = 0.01;
constexpr int kMostSweeps = 30;

}  // namespace

void add_moments(std::span<const float> x, std::span<float> moments) {
  const std::size_t taps = x.size();
  for (std::size_t i = 0; i < taps; ++i) {
    if (x[i] == 0) continue;  // half of what a ReLU leaves
    float* row = moments.data() + i * taps;
    for (std::size_t j = 0; j < taps; ++j) row[j] += x[i] * x[j];
  }
}

void round_adaptively(std::span<const float> weights, float scale, std::span<const float> moments, std::span<std::int8_t> codes) {
  const std::size_t taps = weights.size();
  double trace = 0;
  for (std::size_t i = 0; i < taps; ++i) trace += moments[i * taps + i];
  if (!(trace > 0)) return;
  const double damping = kDamping * trace / static_cast<double>(taps);
  // d in units of the scale, and half the gradient H d.
  std::vector<double> exact(taps), gradient(taps);
  for (std::size_t i = 0; i < taps; ++i) exact[i] = static_cast<double>(weights[i]) / scale;
  for (std::size_t i = 0; i < taps; ++i) {
    const double d = codes[i] - exact[i];
    for (std::size_t j = 0; j < taps; ++j) gradient[j] += d * moments[i * taps + j];
    gradient[i] += d * damping;
  }
  for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
    bool changed = false;
    for (std::size_t i = 0; i < taps; ++i) {
      const int step = codes[i] > exact[i] ? -1 : 1;  // to the code on the other side of w
      const int other = codes[i] + step;
      if (other < -128 || other > 127 || std::abs(other - exact[i]) >= 1) continue;
      if (2 * step * gradient[i] + moments[i * taps + i] + damping >= 0) continue;
      for (std::size_t j = 0; j < taps; ++j) gradient[j] += step * static_cast<double>(moments[i * taps + j]);
      gradient[i] += step * damping;
      codes[i] = static_cast<std::int8_t>(other);
      changed = true;
    }
    if (!changed) break;
  }
}

}  // namespace xpuq::qmath
