#include "qmath/range_rules.h"

#include <cmath>

#include "catch.h"
#include "generator.h"
#include "qmath/histogram_observer.h"

using namespace xpuq;
using namespace xpuq::qmath;

namespace {

ObserverState observed(const std::vector<float>& x) {
  HistogramObserver o;
  REQUIRE(o.observe(x).ok());
  return o.state();
}

Range select(const ObserverState& s, const char* method) {
  const auto range = select_range(s, *parse_range_rule(method));
  REQUIRE(range.ok());
  return *range;
}

// Bell-shaped: the mean of twelve uniform numbers, scaled to standard deviation 1.
std::vector<float> bell(std::size_t n) {
  std::vector<float> out(n);
  for (std::uint32_t k = 0; k < 12; ++k) {
    const auto t = test::lcg_batch(k * 7919 + 1, n, "uni", 0.5f);
    for (std::size_t i = 0; i < n; ++i) out[i] += t[i];
  }
  return out;
}

}  // namespace

TEST_CASE("range rules: names and parameters") {
  CHECK(parse_range_rule("histogram")->method == RangeMethod::histogram);
  CHECK(*parse_range_rule("moving-average") == RangeRule{RangeMethod::moving_average, 0.01});
  CHECK(*parse_range_rule("moving-average:0.5") == RangeRule{RangeMethod::moving_average, 0.5});
  CHECK(*parse_range_rule("percentile") == RangeRule{RangeMethod::percentile, 99.99});
  CHECK(*parse_range_rule("percentile:99.9") == RangeRule{RangeMethod::percentile, 99.9});
  for (const char* text : {"histogram", "minmax", "moving-average:0.05", "percentile:99.5", "entropy", "auto"})
    CHECK(to_string(*parse_range_rule(text)) == text);
}

TEST_CASE("range rules: wrong names and parameters") {
  for (const char* text :
       {"", "kl", "histgram", "minmax:1", "histogram:", "percentile:", "percentile:101", "percentile:50",
        "percentile:x", "percentile:99,9", "percentile:nan", "moving-average:0", "moving-average:1.5"}) {
    CAPTURE(text);
    const auto r = parse_range_rule(text);
    REQUIRE_FALSE(r.ok());
    CHECK(r.error().code == "E203");
    CHECK(r.error().who == "--method");
  }
  CHECK(parse_range_rule("histgram").error().remedy == "--method histogram");
  CHECK(parse_range_rule("something else").error().remedy.empty());
}

TEST_CASE("range rules: never observed is empty under every rule") {
  for (const char* method : {"histogram", "minmax", "moving-average", "percentile", "entropy", "auto"})
    CHECK(select(ObserverState(), method).empty());
}

TEST_CASE("range rules: a constant keeps its value under every rule") {
  const auto s = observed(std::vector<float>(9, 3.0f));
  for (const char* method : {"histogram", "minmax", "moving-average", "percentile", "entropy", "auto"})
    CHECK(select(s, method) == Range{3, 3});
}

TEST_CASE("range rules: minmax, moving average, hand-set") {
  HistogramObserver o;
  REQUIRE(o.observe(std::vector<float>{-1, 4}).ok());
  REQUIRE(o.observe(std::vector<float>{-2, 2}).ok());
  ObserverState s = o.state();
  CHECK(select(s, "minmax") == Range{-2, 4});
  CHECK(select(s, "moving-average") == Range{s.moving_lo, s.moving_hi});
  const auto other = select_range(s, *parse_range_rule("moving-average:0.5"));
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().code == "E407");
  CHECK_THAT(other.error().remedy, ContainsSubstring("moving-average:0.01"));
  s.max = 6;
  CHECK(s.hand_set());
  for (const char* method : {"histogram", "minmax", "percentile", "entropy", "auto"}) CHECK(select(s, method) == Range{-2, 6});
}

TEST_CASE("percentile: cuts half of the rest at each end, whole bins only") {
  Histogram h;
  h.lo = 0, h.hi = 2048;
  for (float& c : h.counts) c = 10;
  // 1 % of 20480 at each end is 204.8: twenty whole bins.
  CHECK(percentile_range(h, 98) == Range{20, 2028});
  CHECK(percentile_range(h, 100) == Range{0, 2048});
  // A bin heavier than the cut stays, so zeros behind a ReLU keep the low end.
  h.counts[0] = 1e6f;
  CHECK(percentile_range(h, 98).lo == 0);
  auto x = bell(50000);
  x.push_back(1000);
  const Range range = percentile_range(observed(x).histogram, 99.99);
  CHECK(range.hi < 8);
  CHECK(range.lo < -3);
}

TEST_CASE("entropy: keeps flat data, clips a far outlier") {
  const auto flat = observed(test::lcg_batch(1, 1 << 20, "uni"));
  const Range kept = select(flat, "entropy");
  CHECK(kept.lo <= -0.99f);
  CHECK(kept.hi >= 0.99f);
  auto x = bell(200000);
  x.push_back(40);
  const Range clipped = select(observed(x), "entropy");
  CHECK(clipped.hi < 10);
  CHECK(clipped.hi > 2);
  CHECK(clipped.lo <= -2);
  for (float& v : x) v = std::fabs(v);
  const Range positive = select(observed(x), "entropy");
  CHECK(positive.lo >= 0);
  CHECK(positive.lo < 0.01f);
  CHECK(positive.hi < 10);
  for (float& v : x) v = -v;
  CHECK(select(observed(x), "entropy").lo > -10);
}

TEST_CASE("entropy: zeros behind a ReLU do not narrow the range") {
  auto x = test::lcg_batch(1, 1 << 18, "relu", 15.0f);
  const Range without = select(observed(x), "entropy");
  x.resize(x.size() * 2, 0.0f);
  const Range range = select(observed(x), "entropy");
  CHECK(without.hi > 14);
  CHECK(range.hi > 14);
}

TEST_CASE("auto: the least squared error of the four rules") {
  auto x = bell(200000);
  for (std::size_t i = 0; i < 20; ++i) x.push_back(40.0f + static_cast<float>(i));
  for (const auto& data : {bell(50000), test::lcg_batch(3, 50000, "cube"), x}) {
    const auto s = observed(data);
    const double least = squared_error(s.histogram, select(s, "auto"));
    for (const char* method : {"histogram", "minmax", "percentile", "entropy"}) CHECK(least <= squared_error(s.histogram, select(s, method)));
  }
  // Against the error of codes that were really made.
  const auto s = observed(test::lcg_batch(5, 100000, "uni", 3.0f));
  const Range range{-2, 2};
  const TensorQuant q = *choose_qparams(range.lo, range.hi, Scheme::affine);
  double sum = 0;
  for (float v : test::lcg_batch(5, 100000, "uni", 3.0f)) {
    const double d = dequantize(quantize(v, q.scale, q.zero_point), q.scale, q.zero_point) - v;
    sum += d * d / 100000;
  }
  CHECK(squared_error(s.histogram, range) == Approx(sum).epsilon(0.02));
}

TEST_CASE("clipped fraction") {
  const auto s = observed(test::lcg_batch(1, 100000, "uni"));
  CHECK(clipped_fraction(s.histogram, {s.min, s.max}) == 0);
  CHECK(clipped_fraction(s.histogram, {-0.5f, 0.5f}) == Approx(0.5).margin(0.01));
  CHECK(clipped_fraction(ObserverState().histogram, {0, 1}) == 0);
}
