#include "qmath/range_search.h"

#include <algorithm>
#include <cmath>

#include "qmath/cascade_sum.h"

namespace xpuq::qmath {
namespace {

constexpr double kCodes = 256;
constexpr double kQuantileStep = 1e-5;

// torch.div(rounding_mode="floor") for b >= 0.
float floor_div(float a, float b) {
  if (b == 0.0f) return a / b;
  const float mod = std::fmod(a, b);
  float div = (a - mod) / b;
  if (mod != 0.0f && mod < 0.0f) div -= 1.0f;
  if (div == 0.0f) return 0.0f;
  float floored = std::floor(div);
  if (div - floored > 0.5f) floored += 1.0f;
  return floored;
}

// Keeps NaN, as torch.clamp does.
float clamp_code(float v) {
  v = v < 0.0f ? 0.0f : v;
  return v > static_cast<float>(kCodes - 1) ? static_cast<float>(kCodes - 1) : v;
}

// Integral of density * x^2 over [from, to].
float norm_of(float from, float to, float density) {
  const float from3 = (from * from) * from, to3 = (to * to) * to;
  return density * ((to3 - from3) / 3.0f);
}

// Estimated squared error when bins [first, last] are spread over 256 codes and the rest is clipped (2.6). The widths
// are f64, as Python numbers are, and rounded to f32 where they meet a tensor.
float quantization_error(const Histogram& h, std::size_t first, std::size_t last) {
  const double lo = h.lo, hi = h.hi, bin_width = (hi - lo) / static_cast<double>(h.counts.size());
  const double code_width = bin_width * static_cast<double>(last - first + 1) / kCodes;
  if (code_width == 0.0) return 0.0f;
  const float bw = static_cast<float>(bin_width), dw = static_cast<float>(code_width);
  const float half = static_cast<float>(code_width / 2), minus_half = static_cast<float>(-code_width / 2);
  std::vector<float> norm(h.counts.size());
  for (std::size_t i = 0; i < norm.size(); ++i) {
    const float begin = (static_cast<float>(i) - static_cast<float>(first)) * bw, end = begin + bw;
    const float code0 = clamp_code(floor_div(begin, dw)), code1 = clamp_code(floor_div(end, dw));
    const float center0 = (code0 + 0.5f) * dw, center1 = code1 * dw + half;
    const float density = h.counts[i] / bw;
    float sum = 0.0f;
    sum += norm_of(begin - center0, half, density);
    sum += ((code1 - code0) - 1.0f) * norm_of(minus_half, half, density);
    sum += norm_of(minus_half, end - center1, density);
    norm[i] = sum;
  }
  return cascade_sum(norm);
}

std::vector<float> cumulative(const std::vector<float>& counts) {
  std::vector<float> out(counts.size());
  double sum = 0.0;
  for (std::size_t i = 0; i < counts.size(); ++i) out[i] = static_cast<float>(sum += counts[i]);
  return out;
}

}  // namespace

Range search_range(const Histogram& h) {
  if (h.empty()) return {};
  const std::size_t bins = h.counts.size();
  const float bin_width = (h.hi - h.lo) / static_cast<float>(bins);
  const double total = cascade_sum(h.counts);
  const std::vector<float> below = cumulative(h.counts);
  double alpha = 0.0, beta = 1.0;
  std::size_t first = 0, last = bins - 1;
  float best = std::numeric_limits<float>::infinity();
  while (alpha < beta) {
    const double next_alpha = alpha + kQuantileStep, next_beta = beta - kQuantileStep;
    const float low_mass = static_cast<float>(next_alpha * total), high_mass = static_cast<float>(next_beta * total);
    std::size_t left = first, right = last;
    while (left < last && below[left] < low_mass) ++left;
    while (right > first && below[right] > high_mass) --right;
    std::size_t next_first = first, next_last = last;
    if (left - first > last - right) {
      next_first = left;
      alpha = next_alpha;
    } else {
      next_last = right;
      beta = next_beta;
    }
    if (next_first == first && next_last == last) continue;
    const float error = quantization_error(h, next_first, next_last);
    if (error > best) break;
    best = error;
    first = next_first;
    last = next_last;
  }
  return {h.lo + bin_width * static_cast<float>(first), h.lo + bin_width * static_cast<float>(last + 1)};
}

}  // namespace xpuq::qmath
