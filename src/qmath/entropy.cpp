// Entropy calibration. Idea and terms: "8-bit Inference with TensorRT" (S. Migacz, GTC 2017) and ONNX Runtime's
// HistogramCollector.get_entropy_threshold: try clip ranges of growing width; P is the histogram inside, with the mass
// outside added to its end bins; Q is the inside merged into few levels and spread evenly over the bins of each level
// that P occupies; take the range with the least KL(P || Q).
//
// Where those leave room or assume |x| or a histogram centred on 0, this is the rule here:
// - The bins are the observer's own. A candidate reaches r bins to each side of the bin of 0 (the nearest bin when 0 is
//   outside) and is cut at the ends, so data of one sign gives the one-sided scan of TensorRT.
// - 256 levels, because the s8 codes cover the range; candidates start at 256 bins. Levels split a range evenly
//   (level k begins at bin k*n/256) instead of leaving the remainder to the last one.
// - The bin of 0 counts as the mean of its neighbours, as in NVIDIA's pytorch-quantization (HistogramCalibrator, which
//   overwrites the first bin by the second). What a ReLU sets to 0 is represented exactly by every range, yet it made all
//   wide ranges look bad: their levels spread that spike over several bins.
// - A level that P occupies only by clipped mass makes KL infinite; no smoothing constant is involved.
// - Equal divergence keeps the wider range.
#include <algorithm>
#include <cmath>

#include "qmath/range_rules.h"

namespace xpuq::qmath {
namespace {

constexpr std::size_t kQuantizedLevels = 256;

double entropy_term(double mass) { return mass > 0 ? mass * std::log(mass) : 0.0; }

// Prefix sums, so that one candidate costs one step a level instead of one a bin: within a level Q is constant, and
//   KL = (sum p log p)/S_p - log S_p - (sum over levels of mass_p(level) * log q(level))/S_p + log S_q.
struct Sums {
  std::vector<double> mass, plogp;   // of counts[0..k)
  std::vector<std::size_t> occupied;  // number of non-zero counts in [0, k)

  explicit Sums(const std::vector<float>& counts)
      : mass(counts.size() + 1), plogp(counts.size() + 1), occupied(counts.size() + 1) {
    for (std::size_t k = 0; k < counts.size(); ++k) {
      mass[k + 1] = mass[k] + counts[k];
      plogp[k + 1] = plogp[k] + entropy_term(counts[k]);
      occupied[k + 1] = occupied[k] + (counts[k] > 0);
    }
  }
};

// KL divergence of the candidate [begin, end) bins; infinite when Q is 0 where P is not.
double divergence(const std::vector<float>& counts, const Sums& sums, std::size_t begin, std::size_t end) {
  const double below = sums.mass[begin], above = sums.mass.back() - sums.mass[end];
  const double inside = sums.mass[end] - sums.mass[begin], total = sums.mass.back();
  if (!(inside > 0)) return std::numeric_limits<double>::infinity();
  // The end bins carry the clipped mass in P.
  double plogp = sums.plogp[end] - sums.plogp[begin];
  plogp += entropy_term(counts[begin] + below) - entropy_term(counts[begin]);
  plogp += entropy_term(counts[end - 1] + above) - entropy_term(counts[end - 1]);
  const bool new_first = below > 0 && counts[begin] == 0, new_last = above > 0 && counts[end - 1] == 0;
  double cross = 0;
  const std::size_t n = end - begin;
  for (std::size_t level = 0; level < kQuantizedLevels; ++level) {
    const std::size_t from = begin + level * n / kQuantizedLevels, to = begin + (level + 1) * n / kQuantizedLevels;
    const double q = sums.mass[to] - sums.mass[from];
    double p = q;
    std::size_t bins = sums.occupied[to] - sums.occupied[from];
    if (level == 0) p += below, bins += new_first;
    if (level == kQuantizedLevels - 1) p += above, bins += new_last;
    if (bins == 0) continue;
    if (!(q > 0)) return std::numeric_limits<double>::infinity();
    cross += p * std::log(q / static_cast<double>(bins));
  }
  return (plogp - cross) / total - std::log(total) + std::log(inside);
}

}  // namespace

Range entropy_range(const Histogram& h) {
  const std::size_t bins = h.counts.size();
  if (h.empty() || h.lo == h.hi || bins <= kQuantizedLevels) return {h.lo, h.hi};
  const double lo = h.lo, width = (static_cast<double>(h.hi) - lo) / static_cast<double>(bins);
  const auto zero = static_cast<std::size_t>(std::clamp(-lo / width, 0.0, static_cast<double>(bins - 1)));
  std::vector<float> counts = h.counts;
  if (h.lo <= 0 && h.hi >= 0) {
    const float left = counts[zero > 0 ? zero - 1 : 1], right = counts[zero + 1 < bins ? zero + 1 : bins - 2];
    counts[zero] = (left + right) / 2;
  }
  const Sums sums(counts);
  if (!(sums.mass.back() > 0)) return {h.lo, h.hi};
  std::size_t best_begin = 0, best_end = bins;
  double best = divergence(counts, sums, 0, bins);
  for (std::size_t reach = std::max(zero, bins - 1 - zero); reach-- > 0;) {
    const std::size_t begin = zero > reach ? zero - reach : 0, end = std::min(bins, zero + reach + 1);
    if (end - begin < kQuantizedLevels) break;
    const double kl = divergence(counts, sums, begin, end);
    if (kl < best) {
      best = kl;
      best_begin = begin;
      best_end = end;
    }
  }
  return {best_begin == 0 ? h.lo : static_cast<float>(lo + width * static_cast<double>(best_begin)),
          best_end == bins ? h.hi : static_cast<float>(lo + width * static_cast<double>(best_end))};
}

}  // namespace xpuq::qmath
