// Normalizations, softmax and reductions; float numbers agree with torch 2.13.
#include <cmath>

#include "run.h"

using namespace run;

namespace {
Attributes axes(Ints list, std::int64_t keepdims = 0) { return {{"axes", list}, {"keepdims", keepdims}}; }
}  // namespace

TEST_CASE("reference: batchnorm: the affine formula of pt2e-semantics 4.1") {
  // r = 1.19522011, scale 1.79283, shift -0.2585660: the numbers that a folded convolution has.
  const std::vector<Value> inputs{f32({2, 1}, {1, -2}), f32({1}, {1.5f}), f32({1}, {0.1f}), f32({1}, {0.2f}),
                                  f32({1}, {0.7f})};
  const float r = 1.0f / std::sqrt(0.7f + 1e-5f);
  CHECK(r == 1.19522011f);
  const float scale = 1.5f * r, shift = -0.2f * r * 1.5f + 0.1f;
  CHECK(floats(OpKind::batchnorm, {{"eps", 1e-5}}, inputs) == Floats32{1.0f * scale + shift, -2.0f * scale + shift});
  check_near(floats(OpKind::batchnorm, {{"eps", 1e-5}}, inputs), {1.53426421f, -3.8442266f});
}

TEST_CASE("reference: layer_norm and group_norm") {
  const Value x = f32({2, 4}, {1, 2, 3, 6, 0, 0, 0, 4});
  const Attributes a{{"axis", std::int64_t{1}}, {"eps", 1e-5}};
  check_near(floats(OpKind::layer_norm, a, {x, f32({4}, {1, 2, 1, 1}), f32({4}, {0, 0, 1, 0})}),
             {-1.06904340f, -1.06904340f, 1, 1.60356510f, -0.577349305f, -1.15469861f, 0.422650695f, 1.73204792f});
  check_near(floats(OpKind::layer_norm, a, {f32({1, 2}, {3, 3})}), {0, 0});
  check_near(floats(OpKind::group_norm, {{"groups", std::int64_t{2}}, {"eps", 1e-5}},
                    {f32({1, 4, 2}, {1, 3, 2, 2, 0, 4, 8, 0}), f32({4}, {1, 1, 2, 1}), f32({4}, {0, 1, 0, 0})}),
             {-1.41419947f, 1.41419947f, 1, 1, -1.80906725f, 0.603022337f, 1.50755596f, -0.904533625f});
}

TEST_CASE("reference: softmax and log_softmax") {
  const Value x = f32({3}, {1, 2, 3});
  const Attributes a{{"axis", std::int64_t{0}}};
  check_near(floats(OpKind::softmax, a, {x}), {0.0900305733f, 0.244728476f, 0.665240943f});
  check_near(floats(OpKind::log_softmax, a, {x}), {-2.40760589f, -1.40760589f, -0.407605946f});
  // Along the outer axis, and without overflow.
  CHECK(floats(OpKind::softmax, a, {f32({2, 2}, {1000, 5, 1000, 5})}) == Floats32{0.5f, 0.5f, 0.5f, 0.5f});
  CHECK(floats(OpKind::softmax, a, {f32({2}, {0, -INFINITY})}) == Floats32{1, 0});
}

TEST_CASE("reference: reductions") {
  const Value x = count_up({2, 3, 2});
  CHECK(floats(OpKind::reduce_sum, axes({1}), {x}) == Floats32{9, 12, 27, 30});
  CHECK(floats(OpKind::reduce_mean, axes({0, 2}), {x}) == Floats32{4.5f, 6.5f, 8.5f});
  CHECK(floats(OpKind::reduce_max, axes({1, 2}), {x}) == Floats32{6, 12});
  CHECK(floats(OpKind::reduce_min, axes({0, 1, 2}), {x}) == Floats32{1});
  CHECK(floats(OpKind::reduce_prod, axes({0, 1}), {f32({2, 1, 2}, {2, 3, 4, -5})}) == Floats32{8, -15});
  CHECK(apply(OpKind::reduce_mean, axes({1}, 1), {x}).shape() == Shape{2, 1, 2});
  CHECK(integers(OpKind::reduce_sum, axes({0}), {s64({3}, {1, -2, 4})}) == Ints{3});
  CHECK(integers(OpKind::reduce_max, axes({0}), {s64({2}, {-5, -9})}) == Ints{-5});
  CHECK(std::isnan(floats(OpKind::reduce_max, axes({0}), {f32({3}, {1, NAN, 2})})[0]));
}

TEST_CASE("reference: reductions of nothing") {
  const Value none = f32({0, 2}, {});
  CHECK(floats(OpKind::reduce_sum, axes({0}), {none}) == Floats32{0, 0});
  CHECK(floats(OpKind::reduce_prod, axes({0}), {none}) == Floats32{1, 1});
  CHECK(std::isnan(floats(OpKind::reduce_mean, axes({0}), {none})[0]));
}

TEST_CASE("reference: argmax: the first of equal ones, NaN above all") {
  const Attributes last{{"axis", std::int64_t{1}}, {"keepdims", std::int64_t{0}}};
  CHECK(integers(OpKind::argmax, last, {f32({3, 3}, {1, 3, 3, 5, 4, 3, 0, NAN, 9})}) == Ints{1, 0, 1});
  const Attributes first{{"axis", std::int64_t{0}}, {"keepdims", std::int64_t{1}}};
  CHECK(integers(OpKind::argmax, first, {f32({2, 2}, {1, 5, 2, 4})}) == Ints{1, 0});
}
