// The vectorised passes against plain loops written from the text of 2.2, and the pieces of 2.3 and 2.4.
#include "qmath/cascade_sum.h"
#include "qmath/histogram_kernels.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "catch.h"
#include "generator.h"
#include "qmath/rebin.h"

using namespace xpuq;
using namespace xpuq::qmath;

namespace {

std::vector<float> plain_histc(std::span<const float> x, float lo, float hi) {
  std::vector<float> out(2048);
  for (const float v : x) {
    if (!(v >= lo && v <= hi)) continue;
    const float product = (v - lo) * 2048.0f, at = product / (hi - lo);
    ++out[static_cast<std::size_t>(std::min<std::int64_t>(static_cast<std::int64_t>(at), 2047))];
  }
  return out;
}

}  // namespace

TEST_CASE("histc and extent equal plain loops at every length") {
  for (const std::size_t n : {1u, 3u, 31u, 32u, 33u, 1023u, 1024u, 1025u, 20000u}) {
    for (const char* transform : {"uni", "relu", "cube"}) {
      const auto x = test::lcg_batch(static_cast<std::uint32_t>(n), n, transform, 3.0f, n % 2 ? 0.0f : 100.0f);
      const Extent e = find_extent(x);
      CHECK(e.lo == *std::min_element(x.begin(), x.end()));
      CHECK(e.hi == *std::max_element(x.begin(), x.end()));
      const auto range = bin_range(e.lo, e.hi);
      REQUIRE(range.has_value());
      REQUIRE(histc(x, *range, 2048) == plain_histc(x, range->lo, range->hi));
      // Elements outside are skipped.
      const auto inner = bin_range(e.lo + 1, e.lo + 2);
      REQUIRE(histc(x, *inner, 2048) == plain_histc(x, inner->lo, inner->hi));
    }
  }
}

TEST_CASE("histc: a range of one value is widened") {
  CHECK(bin_range(3, 3)->lo == 2);
  CHECK(bin_range(3, 3)->hi == 4);
  const float big = 16777216.0f;
  CHECK(bin_range(big, big)->lo == 16777215.0f);
  CHECK(bin_range(big, big)->hi == 16777218.0f);
  CHECK(histc(std::vector<float>{3}, *bin_range(3, 3), 2048)[1024] == 1);
  CHECK(histc(std::vector<float>{big}, *bin_range(big, big), 2048)[682] == 1);
  CHECK_FALSE(bin_range(-3e38f, 3e38f).has_value());
}

TEST_CASE("linspace: ends and the rounding of the middle") {
  const auto v = linspace(-1.49819016f, 1.49981284f, 2049);
  CHECK(v.front() == -1.49819016f);
  CHECK(v.back() == 1.49981284f);
  const float step = (1.49981284f - -1.49819016f) / 2048.0f;
  for (std::size_t i = 0; i < v.size(); ++i)
    REQUIRE(v[i] == (i < 1024 ? std::fma(step, static_cast<float>(i), v.front())
                              : std::fma(-step, static_cast<float>(2048 - i), v.back())));
}

TEST_CASE("rebin: mass is kept and stays within one bin") {
  Histogram h;
  h.lo = -1, h.hi = 1;
  h.counts[100] = 16;
  const auto out = rebin(h, -1.5f, 2.0f);
  CHECK(std::accumulate(out.begin(), out.end(), 0.0f) == 16);
  const double width = 3.5 / 2048, center = -1 + 100.5 * 2 / 2048;
  for (std::size_t k = 0; k < out.size(); ++k)
    if (out[k] > 0) CHECK(std::fabs(-1.5 + (static_cast<double>(k) + 0.5) * width - center) <= width);
}

TEST_CASE("cascade_sum: exact for integers of any number") {
  std::vector<float> v(2048);
  std::iota(v.begin(), v.end(), 0.0f);
  CHECK(cascade_sum(v) == 2096128.0f);
  CHECK(cascade_sum(std::span<const float>(v).first(100)) == 4950.0f);
  CHECK(cascade_sum(std::span<const float>()) == 0.0f);
}
