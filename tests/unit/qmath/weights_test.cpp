// Weights of pt2e-semantics 1.4.
#include "qmath/weights.h"

#include <limits>

#include "catch.h"
#include "qmath/affine.h"

using namespace xpuq;
using namespace xpuq::qmath;

TEST_CASE("weights: worked examples of 1.4") {
  const std::vector<float> w{1, -2, 0.5f, 0, 0, 0, 1e-6f, 0, 0, 127.5f, 0, -3};
  const auto q = quantize_weights(w, {4, 3}, 0);
  REQUIRE(q.ok());
  CHECK(q->quant.scales == std::vector<float>{0.0156862754f, 0x1p-12f, 0x1p-12f, 1.0f});
  CHECK(q->quant.zero_points == std::vector<std::int32_t>(4));
  CHECK(q->quant.axis == 0);
  CHECK(q->codes == std::vector<std::int8_t>{64, -127, 32, 0, 0, 0, 0, 0, 0, 127, 0, -3});
  CHECK(q->channels_at_floor == 2);
}

TEST_CASE("weights: any axis, and per tensor") {
  // Shape 2x3x2; channel c of axis 1 holds multiples of c + 1.
  const std::vector<float> w{1, -1, 2, -2, 3, -3, 0.5f, 1, 1, 2, 1.5f, 3};
  const auto middle = quantize_weights(w, {2, 3, 2}, 1);
  REQUIRE(middle.ok());
  CHECK(middle->quant.scales == std::vector<float>{1 / 127.5f, 2 / 127.5f, 3 / 127.5f});
  for (std::size_t i = 0; i < w.size(); ++i)
    CHECK(middle->codes[i] == quantize(w[i], middle->quant.scales[(i / 2) % 3], 0));
  const auto last = quantize_weights(w, {6, 2}, 1);
  CHECK(last->quant.scales.size() == 2);
  const auto whole = quantize_weights(w, {2, 3, 2}, std::nullopt);
  CHECK(whole->quant.scales == std::vector<float>{3 / 127.5f});
  CHECK(whole->quant.per_tensor());
  CHECK(quantize_weights({}, {3, 0}, 0)->quant.scales == std::vector<float>{1, 1, 1});
}

TEST_CASE("weights: a value that is not finite is an error naming its channel") {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const std::vector<float> w{1, 2, 3, 4, 5, bad, 7, 8};
    const auto r = quantize_weights(w, {2, 2, 2}, 1);
    REQUIRE_FALSE(r.ok());
    CHECK(r.error().code == "E306");
    CHECK_THAT(r.error().what, ContainsSubstring("channel 0, element 3"));
  }
}
