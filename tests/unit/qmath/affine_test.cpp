// pt2e-semantics 1.1, 1.2 and 1.4.
#include "qmath/affine.h"

#include <cmath>
#include <limits>

#include "catch.h"
#include "generator.h"

using namespace xpuq;
using namespace xpuq::qmath;

namespace {
constexpr float kInf = std::numeric_limits<float>::infinity();
const float kNan = std::nanf("");
}  // namespace

TEST_CASE("quantize: worked examples of 1.1") {
  CHECK(quantize(-9.90104103f, 0.127755374f, 3) == -74);
  CHECK(quantize(0.319388449f, 0.127755374f, 3) == 5);
  CHECK(quantize(-3.51100111f, 0.132490605f, 0) == -27);
  CHECK(quantize(-14.3752308f, 0.132490605f, 0) == -108);
  CHECK(quantize(2.5f, 1.0f, 0) == 2);
  CHECK(quantize(3.5f, 1.0f, 0) == 4);
  CHECK(quantize(-2.5f, 1.0f, 0) == -2);
  // Rounded before the odd zero point is added, else 8.
  CHECK(quantize(2.5f, 1.0f, 5) == 7);
}

TEST_CASE("quantize: special values") {
  CHECK(quantize(kInf, 0.5f, 3) == 127);
  CHECK(quantize(-kInf, 0.5f, 3) == -128);
  CHECK(quantize(1e38f, 0.5f, 3) == 127);
  CHECK(quantize(3.4e38f, 0x1p-12f, -100) == 127);
  CHECK(quantize(-0.0f, 0.5f, 3) == 3);
  CHECK(quantize(kNan, 0.5f, 3) == 0);
  // A row with an infinite scale: 0 * inf is NaN too.
  CHECK(quantize(kInf, kInf, 3) == 0);
  CHECK(quantize(5.0f, kInf, 0) == 0);
  CHECK(quantize(300.0f, 1.0f, 0, 0, 255) == 255);
  CHECK(quantize(-3.0f, 1.0f, 128, 0, 255) == 125);
  CHECK(quantize(kNan, 1.0f, 128, 0, 255) == 0);
}

TEST_CASE("quantize: spans equal the formula with nearbyint, at every length") {
  for (const std::size_t n : {0u, 1u, 7u, 31u, 64u, 4097u}) {
    auto x = test::lcg_batch(7, n, "uni", 40.0f);
    if (n > 4) x[3] = kNan, x[4] = kInf;
    for (const auto& [scale, zero_point] : {std::pair{0.127755374f, 3}, {0x1p-12f, -128}, {0.3f, 127}}) {
      std::vector<std::int8_t> q(n);
      quantize(x, scale, zero_point, std::span(q));
      std::vector<float> back(n);
      dequantize(std::span<const std::int8_t>(q), scale, zero_point, back);
      for (std::size_t i = 0; i < n; ++i) {
        const float inverse = static_cast<float>(1.0 / static_cast<double>(scale));
        const double rounded = std::nearbyint(x[i] * inverse) + zero_point;
        const int want = std::isnan(rounded) ? 0 : static_cast<int>(std::fmin(127.0, std::fmax(-128.0, rounded)));
        REQUIRE(int{q[i]} == want);
        REQUIRE(quantize(x[i], scale, zero_point) == want);
        REQUIRE(back[i] == static_cast<float>(want - zero_point) * scale);
      }
    }
  }
}

TEST_CASE("quantize: ties over the whole code range go to even") {
  for (int k = -140; k <= 140; ++k) {
    const int even = k % 2 == 0 ? k : k + 1;
    CHECK(quantize(static_cast<float>(k) + 0.5f, 1.0f, 0) == std::min(127, std::max(-128, even)));
  }
}

TEST_CASE("quantize: u8 spans") {
  const std::vector<float> x{-1.0f, 0.0f, 0.5f, 1.0f, 300.0f, kNan};
  std::vector<std::uint8_t> q(x.size());
  quantize(x, 0.5f, 128, std::span(q));
  CHECK(q == std::vector<std::uint8_t>{126, 128, 129, 130, 255, 0});
  std::vector<float> back(3);
  dequantize(std::span<const std::uint8_t>(q).first(3), 0.5f, 128, back);
  CHECK(back == std::vector<float>{-1.0f, 0.0f, 0.5f});
}

TEST_CASE("dequantize: one f32 rounding") {
  const float s = 0.0123456789f;
  for (int q = -128; q <= 127; ++q) CHECK(dequantize(q, s, 5) == static_cast<float>(q - 5) * s);
}

TEST_CASE("choose_qparams: section 1.4") {
  const auto affine = choose_qparams(-1.0f, 3.0f, Scheme::affine);
  CHECK(affine->scale == 4.0f / 255.0f);
  CHECK(affine->zero_point == -64);
  CHECK_FALSE(affine->at_floor);
  const auto symmetric = choose_qparams(-1.0f, 3.0f, Scheme::symmetric);
  CHECK(symmetric->scale == 3.0f / 127.5f);
  CHECK(symmetric->zero_point == 0);
  // 0 is always inside.
  CHECK(choose_qparams(1.0f, 5.0f, Scheme::affine)->zero_point == -128);
  CHECK(choose_qparams(1.0f, 5.0f, Scheme::affine)->scale == 5.0f / 255.0f);
  CHECK(choose_qparams(-5.0f, -1.0f, Scheme::affine)->zero_point == 127);
  CHECK(choose_qparams(0.0f, 1e-6f, Scheme::affine)->at_floor);
  CHECK(choose_qparams(0.0f, 1e-6f, Scheme::affine)->scale == 0x1p-12f);
  CHECK(choose_qparams(0.0f, 1e-6f, Scheme::affine)->zero_point == -128);
  const auto quant = affine->quant_params();
  CHECK((quant.per_tensor() && quant.scales.size() == 1 && quant.zero_points[0] == -64));
}

TEST_CASE("choose_qparams: validity") {
  CHECK(choose_qparams(kInf, -kInf, Scheme::affine)->scale == 1.0f);
  CHECK(choose_qparams(kInf, -kInf, Scheme::affine)->zero_point == 0);
  const std::pair<float, float> ranges[] = {{2.0f, 1.0f},  {kNan, 1.0f}, {0.0f, kNan},
                                            {-kInf, 1.0f}, {0.0f, kInf}, {-3e38f, 3e38f}};
  for (const auto& [lo, hi] : ranges) {
    const auto r = choose_qparams(lo, hi, Scheme::affine);
    REQUIRE_FALSE(r.ok());
    CHECK(r.error().code == "E405");
  }
}
