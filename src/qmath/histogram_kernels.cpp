#include "qmath/histogram_kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "qmath/dispatch.h"

namespace xpuq::qmath {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr std::size_t kLanes = 32;   // four AVX2 registers: hides the latency of min and max
constexpr std::size_t kBlock = 1024;  // elements whose bins are found before they are counted; stays in L1
constexpr std::size_t kCopies = 4;    // sub-histograms, see count_bins
constexpr std::uint32_t kSaturation = 1u << 24;

XPUQ_INLINE Extent extent_body(const float* x, std::size_t n) {
  float lo[kLanes], hi[kLanes];
  std::int32_t nan[kLanes];
  for (std::size_t j = 0; j < kLanes; ++j) lo[j] = kInfinity, hi[j] = -kInfinity, nan[j] = 0;
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (std::size_t j = 0; j < kLanes; ++j) {
      const float v = x[i + j];
      lo[j] = v < lo[j] ? v : lo[j];
      hi[j] = v > hi[j] ? v : hi[j];
      nan[j] |= v != v;
    }
  }
  Extent out{kInfinity, -kInfinity, false};
  const auto take = [&out](float low, float high) {
    out.lo = low < out.lo ? low : out.lo;
    out.hi = high > out.hi ? high : out.hi;
  };
  for (; i < n; ++i) {
    take(x[i], x[i]);
    out.has_nan |= x[i] != x[i];
  }
  for (std::size_t j = 0; j < kLanes; ++j) {
    take(lo[j], hi[j]);
    out.has_nan |= nan[j] != 0;
  }
  return out;
}
Extent extent_plain(const float* x, std::size_t n) { return extent_body(x, n); }
XPUQ_AVX2 Extent extent_avx2(const float* x, std::size_t n) { return extent_body(x, n); }

// Bin of each element, or `bins` for one outside the range (a slot that nobody reads).
XPUQ_INLINE void bins_body(const float* x, std::size_t n, const BinRange& range, std::int32_t bins, std::int32_t* out) {
  const float lo = range.lo, hi = range.hi, width = range.width, scale = static_cast<float>(bins);
  for (std::size_t i = 0; i < n; ++i) {
    const float v = x[i];
    float at = ((v - lo) * scale) / width;
    // The product overflows on ranges beyond 1.6e35; the reference then converts infinity, which lands in bin 0.
    at = at <= scale ? at : 0.0f;
    at = at >= 0.0f ? at : 0.0f;
    std::int32_t bin = static_cast<std::int32_t>(at);
    bin = bin >= bins ? bins - 1 : bin;
    bin = v >= lo ? bin : bins;
    out[i] = v <= hi ? bin : bins;
  }
}
void bins_plain(const float* x, std::size_t n, const BinRange& range, std::int32_t bins, std::int32_t* out) {
  bins_body(x, n, range, bins, out);
}
XPUQ_AVX2 void bins_avx2(const float* x, std::size_t n, const BinRange& range, std::int32_t bins, std::int32_t* out) {
  bins_body(x, n, range, bins, out);
}

// Neighbouring elements go to different copies: activations repeat one value (the zeros behind a ReLU), and adding to
// the counter just written would wait for the store each time. Integers, so the copies add up exactly.
void count_bins(const std::int32_t* bin, std::size_t n, std::size_t stride, std::uint32_t* counts) {
  std::size_t i = 0;
  for (; i + kCopies <= n; i += kCopies)
    for (std::size_t k = 0; k < kCopies; ++k) ++counts[k * stride + static_cast<std::size_t>(bin[i + k])];
  for (; i < n; ++i) ++counts[static_cast<std::size_t>(bin[i])];
}

}  // namespace

Extent find_extent(std::span<const float> x) {
  Extent out = cpu_has_avx2() ? extent_avx2(x.data(), x.size()) : extent_plain(x.data(), x.size());
  out.lo += 0.0f;  // -0.0 becomes +0.0, nothing else changes
  out.hi += 0.0f;
  return out;
}

Extent find_finite_extent(std::span<const float> x, std::uint64_t& finite) {
  Extent out{kInfinity, -kInfinity, false};
  finite = 0;
  for (const float v : x) {
    out.has_nan |= v != v;
    if (!std::isfinite(v)) continue;
    ++finite;
    out.lo = std::min(out.lo, v);
    out.hi = std::max(out.hi, v);
  }
  out.lo += 0.0f;
  out.hi += 0.0f;
  return out;
}

std::optional<BinRange> bin_range(float lo, float hi) {
  if (lo == hi) {
    lo = std::min(lo - 1.0f, std::nextafter(lo, -kInfinity));
    hi = std::max(hi + 1.0f, std::nextafter(hi, kInfinity));
  }
  const BinRange range{lo, hi, hi - lo};
  if (!std::isfinite(range.width)) return std::nullopt;
  return range;
}

std::vector<float> histc(std::span<const float> x, const BinRange& range, std::size_t bins) {
  const std::size_t stride = bins + 1;
  std::vector<std::uint64_t> total(bins);
  std::vector<std::uint32_t> counts(stride * kCopies);
  const auto find_bins = cpu_has_avx2() ? bins_avx2 : bins_plain;
  std::int32_t bin[kBlock];
  // 32-bit counters are emptied long before they can wrap.
  constexpr std::size_t kChunk = std::size_t{1} << 30;
  for (std::size_t chunk = 0; chunk < x.size(); chunk += kChunk) {
    const std::size_t end = std::min(x.size(), chunk + kChunk);
    for (std::size_t at = chunk; at < end; at += kBlock) {
      const std::size_t n = std::min(kBlock, end - at);
      find_bins(x.data() + at, n, range, static_cast<std::int32_t>(bins), bin);
      count_bins(bin, n, stride, counts.data());
    }
    for (std::size_t j = 0; j < bins; ++j)
      for (std::size_t k = 0; k < kCopies; ++k) total[j] += counts[k * stride + j];
    std::fill(counts.begin(), counts.end(), 0);
  }
  std::vector<float> out(bins);
  for (std::size_t j = 0; j < bins; ++j)
    out[j] = static_cast<float>(std::min<std::uint64_t>(total[j], kSaturation));
  return out;
}

}  // namespace xpuq::qmath
