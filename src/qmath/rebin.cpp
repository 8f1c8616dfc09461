#include "qmath/rebin.h"

#include <algorithm>
#include <cmath>

#include "qmath/dispatch.h"

namespace xpuq::qmath {
namespace {

constexpr std::size_t kUpsample = 16;

XPUQ_INLINE void linspace_body(float start, float end, std::size_t n, float* out) {
  const float step = (end - start) / static_cast<float>(n - 1);
  const std::size_t half = n / 2;
  for (std::size_t i = 0; i < half; ++i) out[i] = std::fma(step, static_cast<float>(i), start);
  for (std::size_t i = half; i < n; ++i) out[i] = std::fma(-step, static_cast<float>(n - 1 - i), end);
}
void linspace_plain(float start, float end, std::size_t n, float* out) { linspace_body(start, end, n, out); }
// The same function with the instruction in place of the library call; fma has one correct answer.
XPUQ_FMA void linspace_fma(float start, float end, std::size_t n, float* out) { linspace_body(start, end, n, out); }

// Number of edges <= v, minus 1, for a v not below the edge of the guess. On sorted edges it equals the binary search.
std::size_t walk(const std::vector<float>& edges, float v, std::size_t guess) {
  while (guess + 1 < edges.size() && edges[guess + 1] <= v) ++guess;
  return guess;
}

}  // namespace

std::vector<float> linspace(float start, float end, std::size_t n) {
  std::vector<float> out(n);
  (cpu_has_fma() ? linspace_fma : linspace_plain)(start, end, n, out.data());
  return out;
}

std::vector<float> rebin(const Histogram& from, float new_lo, float new_hi) {
  const std::size_t bins = from.counts.size(), fine = bins * kUpsample;
  const float half_piece = 0.5f * ((from.hi - from.lo) / static_cast<float>(fine));
  std::vector<float> middle = linspace(from.lo, from.hi, fine + 1);
  middle.pop_back();
  for (float& m : middle) m += half_piece;
  const std::vector<float> edges = linspace(new_lo, new_hi, bins + 1);
  // Ranges of a few denormals wide make the step inexact enough for the halves of linspace to cross; there the
  // reference's binary search must be repeated as it is, because its answer depends on its path.
  const bool sorted = std::is_sorted(middle.begin(), middle.end()) && std::is_sorted(edges.begin(), edges.end()) &&
                      middle.front() >= edges.front();
  std::vector<float> out(bins);
  std::size_t at = 0;
  for (std::size_t i = 0; i < fine; ++i) {
    if (sorted) {
      at = walk(edges, middle[i], at);
    } else {
      const auto above = std::upper_bound(edges.begin(), edges.end(), middle[i]) - edges.begin();
      at = static_cast<std::size_t>(std::max<std::ptrdiff_t>(above - 1, 0));
    }
    out[std::min(at, bins - 1)] += from.counts[i / kUpsample] / static_cast<float>(kUpsample);
  }
  return out;
}

}  // namespace xpuq::qmath
