// pt2e-semantics section 2: tables of 2.7.
#include "qmath/histogram_observer.h"

#include <cmath>

#include "catch.h"
#include "generator.h"

using namespace xpuq;
using namespace xpuq::qmath;
using test::lcg_batch;
using test::ramp;

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

HistogramObserver observed(std::initializer_list<std::vector<float>> batches) {
  HistogramObserver o;
  for (const auto& b : batches) REQUIRE(o.observe(b).ok());
  return o;
}

void check_qparams(const HistogramObserver& o, float scale, int zero_point) {
  const auto q = o.qparams(Scheme::affine);
  REQUIRE(q.ok());
  CHECK(q->scale == scale);
  CHECK(q->zero_point == zero_point);
}

}  // namespace

TEST_CASE("observer: worked examples of 2.7") {
  struct Row {
    const char* transform;
    int batches;
    float min, max;
    float h[4];  // bins 0, 1023, 1024, 2047
    std::uint64_t fnv;
    float new_min, new_max, scale;
    int zero_point;
  };
  const Row rows[] = {
      {"uni", 1, -0.999969125f, 0.999991298f, {1, 2, 2, 5}, 0x1bf2829a0bdc548b,
       -0.999969125f, 0.998038173f, 0x1.00bf74p-7f, 0},
      {"uni", 2, -1.49819016f, 1.49981284f, {4, 7, 8, 3}, 0xfc21d00217df5f51,
       -1.49819016f, 1.49834895f, 0x1.810fa8p-7f, -1},
      {"uni", 3, -1.49819016f, 1.49981284f, {4, 8, 12, 3}, 0x81ba0621d5985ccd,
       -1.49819016f, 1.49249339f, 0x1.804f08p-7f, 0},
      {"relu", 1, 0, 0.999991298f, {2060, 0, 1, 2}, 0xd396b901ce568926,
       0, 0.999503016f, 0x1.00e04ep-8f, -128},
      {"relu", 2, 0, 1.49981284f, {4066.5f, 4.125f, 3.5625f, 2}, 0xef0246c280d5cba0,
       0, 1.49834824f, 0x1.8114d4p-8f, -128},
      {"relu", 3, 0, 1.49981284f, {6167.5f, 4.125f, 3.5625f, 2}, 0xe50a06eb1b6e1f09,
       0, 1.49834824f, 0x1.8114d4p-8f, -128},
      {"cube", 1, -0.999907374f, 0.999973893f, {1, 234, 122, 1}, 0x066f8c35c8ef65f9,
       -0.999907374f, 0.99216187f, 0x1.fff838p-8f, 0},
      {"cube", 2, -1.49457717f, 1.49943841f, {1, 130.75f, 99.6875f, 2}, 0x883d44fb027d0215,
       -1.49457717f, 1.49797654f, 0x1.808c8cp-7f, -1},
      {"cube", 3, -1.49457717f, 1.49943841f, {1, 208.75f, 153.6875f, 2}, 0x5dc34d4e536e72dc,
       -1.49457717f, 1.49797654f, 0x1.808c8cp-7f, -1},
  };
  CHECK(lcg_batch(1, 4, "uni") == std::vector<float>{-0.527089f, -0.261458755f, 0.00848400593f, 0.409766436f});
  const float multipliers[] = {1.0f, 1.5f, 0.75f};
  for (const Row& row : rows) {
    CAPTURE(row.transform, row.batches);
    HistogramObserver o;
    for (int b = 0; b < row.batches; ++b)
      REQUIRE(*o.observe(lcg_batch(static_cast<std::uint32_t>(b + 1), 4096, row.transform, multipliers[b])) == 0);
    const ObserverState& s = o.state();
    CHECK(s.min == row.min);
    CHECK(s.max == row.max);
    const int bins[] = {0, 1023, 1024, 2047};
    for (int k = 0; k < 4; ++k) CHECK(s.histogram.counts[bins[k]] == row.h[k]);
    CHECK(test::fnv64(s.histogram.counts) == row.fnv);
    CHECK(o.range() == Range{row.new_min, row.new_max});
    check_qparams(o, row.scale, row.zero_point);
    CHECK(s.count == 4096u * static_cast<unsigned>(row.batches));
  }
}

TEST_CASE("observer: edge table of 2.7") {
  check_qparams(HistogramObserver(), 1, 0);
  check_qparams(observed({{}, {}}), 1, 0);
  const auto infinite = observed({{kInf, -kInf}, {kInf}});
  check_qparams(infinite, 1, 0);
  CHECK(infinite.state().nonfinite == 3);
  CHECK(infinite.state().never_observed());

  const auto zeros = observed({std::vector<float>(100)});
  CHECK(zeros.state().histogram.counts[1024] == 100);
  check_qparams(zeros, 0x1p-12f, -128);
  check_qparams(observed({std::vector<float>(50, 3.0f)}), 0.0117647061f, -128);
  check_qparams(observed({std::vector<float>(50, -3.0f)}), 0.0117647061f, 127);
  check_qparams(observed({std::vector<float>(50, 1e-9f)}), 0x1p-12f, -128);
  check_qparams(observed({ramp(0, 1e-6, 1000)}), 0x1p-12f, -128);
  check_qparams(observed({ramp(0, 1e-42, 1000)}), 0x1p-12f, -128);
  check_qparams(observed({ramp(0, 1e-42, 1000), ramp(0, 3e-42, 1000)}), 0x1p-12f, -128);

  const auto three_five = observed({std::vector<float>(10, 3.0f), std::vector<float>(10, 5.0f)});
  CHECK(three_five.state().min == 3);
  CHECK(three_five.state().max == 5);
  CHECK(three_five.state().histogram.counts[0] == 10);
  CHECK(three_five.state().histogram.counts[2047] == 10);
  CHECK(three_five.range().hi == 4.9990234f);
  check_qparams(three_five, 0.019604014f, -128);

  const std::vector<float> hundred(100);
  check_qparams(observed({hundred, ramp(-1, 2, 100)}), 0.0117589617f, -43);
  check_qparams(observed({ramp(-1, 2, 100), hundred}), 0.0117589617f, -43);
  const auto mixed = observed({{1, 2, kInf, -1, -kInf}});
  check_qparams(mixed, 0.0117589617f, -43);
  CHECK(mixed.state().count == 3);
  CHECK(mixed.state().nonfinite == 2);
  CHECK(mixed.state().histogram == observed({{1, 2, -1}}).state().histogram);
  check_qparams(observed({{2.5f}}), 0.00980392192f, -128);
  const auto pair = observed({{-1, 1}});
  CHECK(pair.range().hi == 0.9990234375f);
  check_qparams(pair, 0.00783930719f, 0);
  check_qparams(observed({ramp(-5, -1, 1000)}), 0.0196078438f, 127);
  check_qparams(observed({ramp(1, 5, 1000)}), 0.0196001846f, -128);
  auto outlier = lcg_batch(1, 100000, "uni");
  outlier.push_back(1000.0f);
  check_qparams(observed({outlier}), 3.92357349f, -128);
}

TEST_CASE("observer: symmetric parameters use the same range") {
  const auto o = observed({lcg_batch(1, 4096, "relu")});
  CHECK(o.qparams(Scheme::symmetric)->scale == o.range().hi / 127.5f);
  CHECK(o.qparams(Scheme::symmetric)->zero_point == 0);
}

TEST_CASE("observer: NaN and overflow are errors that change nothing") {
  auto o = observed({{1, 2, 3}});
  const ObserverState before = o.state();
  auto r = o.observe(std::vector<float>{1, std::nanf(""), kInf});
  REQUIRE_FALSE(r.ok());
  CHECK(r.error().code == "E405");
  CHECK_THAT(r.error().got, ContainsSubstring("index 1"));
  r = o.observe(std::vector<float>{-3e38f, 3e38f});
  REQUIRE_FALSE(r.ok());
  CHECK(r.error().code == "E405");
  CHECK(o.state() == before);
  // NaN behind the vectorised part of a tensor, and inside it.
  for (const std::size_t at : {0u, 33u, 64u, 69u}) {
    std::vector<float> x(70, 1.0f);
    x[at] = std::nanf("");
    CHECK_FALSE(o.observe(x).ok());
  }
}

TEST_CASE("observer: a zero bound is never negative zero") {
  const auto o = observed({{-0.0f, 1.0f, 0.0f, -0.0f}});
  CHECK_FALSE(std::signbit(o.state().min));
}

TEST_CASE("observer: products that overflow land in bin 0") {
  const auto o = observed({{0.0f, 2e38f, 3e38f}});
  CHECK(o.state().histogram.counts[0] == 3);
}

TEST_CASE("observer: a bin stops at 2^24 within one forward") {
  const std::vector<float> zeros((1u << 24) + 1000);
  auto o = observed({zeros});
  CHECK(o.state().histogram.counts[1024] == 16777216.0f);
  CHECK(o.state().count == zeros.size());
}

TEST_CASE("observer: stored state goes on bit for bit") {
  auto whole = observed({lcg_batch(1, 999, "cube"), lcg_batch(2, 500, "cube", 3.0f)});
  auto half = observed({lcg_batch(1, 999, "cube")});
  HistogramObserver resumed(half.state());
  REQUIRE(resumed.observe(lcg_batch(2, 500, "cube", 3.0f)).ok());
  CHECK(resumed.state() == whole.state());
}

TEST_CASE("observer: moving average") {
  auto o = observed({{-1, 1}, {-3, 2}, {0.5f, 0.75f}});
  float lo = -1, hi = 1;
  lo += 0.01f * (-3 - lo), hi += 0.01f * (2 - hi);
  lo += 0.01f * (0.5f - lo), hi += 0.01f * (0.75f - hi);
  CHECK(o.state().moving_lo == lo);
  CHECK(o.state().moving_hi == hi);
}

TEST_CASE("observer: other bin counts work") {
  for (const std::size_t bins : {16u, 100u, 4096u}) {
    HistogramObserver o({.bins = bins, .moving_constant = kMovingConstant});
    REQUIRE(o.observe(lcg_batch(1, 4096, "uni")).ok());
    REQUIRE(o.observe(lcg_batch(2, 4096, "uni", 1.5f)).ok());
    CHECK(o.state().histogram.counts.size() == bins);
    CHECK(o.qparams(Scheme::affine)->scale > 0.009f);
    CHECK(o.qparams(Scheme::affine)->scale < 0.013f);
  }
}

TEST_CASE("merge: ranges and counters exact, mass kept, order free for two") {
  auto a = observed({lcg_batch(1, 4096, "uni")});
  const auto b = observed({lcg_batch(2, 4096, "uni", 1.5f), {kInf}});
  auto reversed = b;
  REQUIRE(reversed.merge(a).ok());
  REQUIRE(a.merge(b).ok());
  CHECK(a.state() == reversed.state());
  CHECK(a.state().min == -1.49819016f);
  CHECK(a.state().max == 1.49981284f);
  CHECK(a.state().count == 8192);
  CHECK(a.state().nonfinite == 1);
  double mass = 0;
  for (const float c : a.state().histogram.counts) mass += c;
  CHECK(mass == 8192);

  HistogramObserver never;
  REQUIRE(never.merge(b).ok());
  CHECK(never.state() == b.state());
  // Both the same range: nothing is re-binned.
  auto twice = b;
  REQUIRE(twice.merge(b).ok());
  for (std::size_t k = 0; k < kReferenceBins; ++k)
    REQUIRE(twice.state().histogram.counts[k] == 2 * b.state().histogram.counts[k]);
  // A constant next to a range: its mass goes to the bin of its value.
  auto constant = observed({std::vector<float>(7, 0.0f)});
  REQUIRE(constant.merge(observed({{-1, 1}})).ok());
  CHECK(constant.state().histogram.counts[1024] == 7);
}

TEST_CASE("merge: the union may not overflow") {
  auto low = observed({{-3e38f}});
  CHECK_FALSE(low.merge(observed({{3e38f}})).ok());
}
