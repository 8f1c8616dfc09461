#include "qmath/adaptive_rounding.h"

#include <algorithm>
#include <cmath>

#include "catch.h"
#include "generator.h"
#include "qmath/affine.h"

using namespace xpuq;
using namespace xpuq::qmath;

namespace {

constexpr std::size_t kTaps = 8;
constexpr float kScale = 0.25f;

/// Correlated inputs: neighbours share most of their value.
std::vector<float> correlated_moments(std::uint32_t seed) {
  std::vector<float> moments(kTaps * kTaps);
  for (std::uint32_t sample = 0; sample < 200; ++sample) {
    auto x = test::lcg_batch(seed + sample * 31, kTaps, "uni");
    for (std::size_t i = 1; i < kTaps; ++i) x[i] = 0.8f * x[i - 1] + 0.2f * x[i];
    add_moments(x, moments);
  }
  return moments;
}

double output_error(const std::vector<float>& w, const std::vector<std::int8_t>& codes, const std::vector<float>& moments) {
  double sum = 0;
  for (std::size_t i = 0; i < kTaps; ++i)
    for (std::size_t j = 0; j < kTaps; ++j)
      sum += (static_cast<double>(codes[i]) * kScale - w[i]) * (static_cast<double>(codes[j]) * kScale - w[j]) * moments[i * kTaps + j];
  return sum;
}

std::vector<std::int8_t> nearest(const std::vector<float>& w) {
  std::vector<std::int8_t> codes(w.size());
  quantize(w, kScale, 0, codes);
  return codes;
}

}  // namespace

TEST_CASE("adaptive rounding: less output error than nearest, close to the best of all roundings") {
  double nearest_sum = 0, adaptive_sum = 0, best_sum = 0;
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    const auto moments = correlated_moments(seed);
    const auto w = test::lcg_batch(seed * 1009, kTaps, "uni", 4.0f);
    const auto plain = nearest(w);
    auto codes = plain;
    round_adaptively(w, kScale, moments, codes);
    double best = 1e30;
    for (unsigned choice = 0; choice < 1u << kTaps; ++choice) {
      std::vector<std::int8_t> c(kTaps);
      for (std::size_t i = 0; i < kTaps; ++i) c[i] = static_cast<std::int8_t>(std::floor(w[i] / kScale) + (choice >> i & 1));
      best = std::min(best, output_error(w, c, moments));
    }
    for (std::size_t i = 0; i < kTaps; ++i) CHECK(std::abs(static_cast<float>(codes[i]) * kScale - w[i]) < kScale);
    nearest_sum += output_error(w, plain, moments);
    adaptive_sum += output_error(w, codes, moments);
    best_sum += best;
  }
  CHECK(adaptive_sum < 0.5 * nearest_sum);
  CHECK(adaptive_sum < 3 * best_sum);
}

TEST_CASE("adaptive rounding: inputs without correlation, or none at all, keep the nearest codes") {
  const auto w = test::lcg_batch(7, kTaps, "uni", 4.0f);
  std::vector<float> diagonal(kTaps * kTaps);
  for (std::size_t i = 0; i < kTaps; ++i) diagonal[i * kTaps + i] = 1.0f + static_cast<float>(i);
  for (const auto& moments : {diagonal, std::vector<float>(kTaps * kTaps)}) {
    auto codes = nearest(w);
    round_adaptively(w, kScale, moments, codes);
    CHECK(codes == nearest(w));
  }
}

TEST_CASE("adaptive rounding: codes stay within 8 bits") {
  const std::vector<float> w{31.9f, -32.1f, 31.9f, -32.1f, 31.9f, -32.1f, 31.9f, -32.1f};
  auto codes = nearest(w);
  const auto before = codes;
  round_adaptively(w, kScale, std::vector<float>(kTaps * kTaps, 1.0f), codes);
  for (std::size_t i = 0; i < kTaps; ++i) CHECK(std::abs(codes[i] - before[i]) <= 1);
}
