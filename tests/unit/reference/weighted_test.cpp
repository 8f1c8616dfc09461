// conv, conv_transpose, linear, matmul. Float numbers are small integers, so that every result is exact; they agree
// with torch 2.13.
#include "run.h"

using namespace run;

namespace {

Attributes window(Ints strides, Ints begin, Ints end, Ints dilations, std::int64_t groups = 1) {
  return {{"strides", strides}, {"pads_begin", begin}, {"pads_end", end}, {"dilations", dilations}, {"groups", groups}};
}
Attributes plain1d() { return window({1}, {0}, {0}, {1}); }
Attributes with_post_ops(Attributes a, Strings kinds) { return a.set("post_ops", std::move(kinds)); }

}  // namespace

TEST_CASE("reference: conv: groups and dilation") {
  const Value x = count_up({1, 2, 4}), w = f32({4, 1, 2}, {1, -1, 2, 1, 0, 1, 1, 1}), b = f32({4}, {0.5f, 0, 0, -1});
  CHECK(floats(OpKind::conv, window({1}, {0}, {0}, {2}, 2), {x, w, b}) == Floats32{-1.5f, -1.5f, 5, 8, 7, 8, 11, 13});
}

TEST_CASE("reference: conv: asymmetric padding and stride") {
  const Value x = count_up({1, 1, 3, 3}), w = count_up({1, 1, 2, 2});
  CHECK(floats(OpKind::conv, window({1, 1}, {1, 0}, {0, 1}, {1, 1}), {x, w}) ==
        Floats32{11, 18, 9, 37, 47, 21, 67, 77, 33});
  CHECK(floats(OpKind::conv, window({2, 2}, {1, 1}, {1, 1}, {1, 1}), {x, w}) == Floats32{4, 18, 36, 77});
}

TEST_CASE("reference: conv: three spatial axes, empty batch") {
  const Value x = count_up({1, 1, 2, 2, 2}), w = f32({1, 1, 2, 2, 2}, std::vector<float>(8, 1));
  const Attributes a = window({1, 1, 1}, {0, 0, 0}, {0, 0, 0}, {1, 1, 1});
  CHECK(floats(OpKind::conv, a, {x, w}) == Floats32{36});
  CHECK(apply(OpKind::conv, a, {f32({0, 1, 2, 2, 2}, {}), w}).shape() == Shape{0, 1, 1, 1, 1});
}

TEST_CASE("reference: conv: sums are kept in f64") {
  // In f32, 2^24 + 1 is 2^24, and the sum would be 0.
  const Value x = f32({1, 3, 1}, {16777216.0f, 1.0f, -16777216.0f}), w = f32({1, 3, 1}, {1, 1, 1});
  CHECK(floats(OpKind::conv, plain1d(), {x, w}) == Floats32{1});
  CHECK(floats(OpKind::linear, {}, {f32({3}, {16777216.0f, 1.0f, -16777216.0f}), f32({1, 3}, {1, 1, 1})}) ==
        Floats32{1});
}

TEST_CASE("reference: conv: float post-ops, clip then sum") {
  const Value x = f32({1, 1, 3}, {-2, 1, 9}), w = f32({1, 1, 1}, {1}), other = f32({1, 1, 3}, {10, 20, 30});
  Attributes a = with_post_ops(plain1d(), {"clip", "sum"});
  a.set("post_alpha", Floats{0, 0}).set("post_beta", Floats{6, 0});
  CHECK(floats(OpKind::conv, a, {x, w, other}) == Floats32{10, 21, 36});
}

TEST_CASE("reference: int8: worked example of pt2e-semantics 5.2") {
  const Value x = q8({1, 2, 1}, {80, -61}, 0.0078125f, -10), w = weights({1, 2, 1}, {64, -127}, {1 / 127.5f});
  const Value b = f32({1}, {0.1f});
  CHECK(floats(OpKind::conv, plain1d(), {x, w, b}) == Floats32{0.849816263f});
  CHECK(codes(OpKind::conv, plain1d().set("dst_scale", 0.0125).set("dst_zero_point", std::int64_t{3}), {x, w, b}) ==
        Codes{71});

  const Value row = q8({1, 2}, {80, -61}, 0.0078125f, -10), matrix = weights({1, 2}, {64, -127}, {1 / 127.5f});
  CHECK(floats(OpKind::linear, {}, {row, matrix, b}) == Floats32{0.849816263f});
}

TEST_CASE("reference: int8: padding is real zero, scales are per channel, the sum operand has its own") {
  // src reals 0.5 * (q - 3): 1, 2, 3; wei reals 1 and 2 (channel 0), 10 and 0 (channel 1).
  const Value x = q8({1, 1, 3}, {5, 7, 9}, 0.5f, 3), w = weights({2, 1, 2}, {2, 4, 10, 0}, {0.5f, 1.0f});
  const Attributes padded = window({1}, {1}, {0}, {1});
  CHECK(floats(OpKind::conv, padded, {x, w}) == Floats32{2, 5, 8, 0, 10, 20});
  // other reals 2 * (q - 1): -20, 4, 0, 2, 2, -240.
  const Value other = q8({1, 2, 3}, {-9, 3, 1, 2, 2, -119}, 2.0f, 1);
  CHECK(floats(OpKind::conv, with_post_ops(padded, {"sum", "relu"}), {x, w, other}) == Floats32{0, 9, 8, 2, 12, 0});
  // dst = clamp(rne(v * 4 - 100)).
  Attributes quantized = with_post_ops(padded, {"sum", "relu"});
  quantized.set("dst_scale", 0.25).set("dst_zero_point", std::int64_t{-100});
  CHECK(codes(OpKind::conv, quantized, {x, w, other}) == Codes{-100, -64, -68, -92, -52, -100});
}

TEST_CASE("reference: int8: the zero point of dst is inside the rounding") {
  // v = 2.5, zero point 5: rne(7.5) = 8, where quantize() gives rne(2.5) + 5 = 7.
  const Value x = q8({1, 1}, {5}, 0.5f, 0), w = weights({1, 1}, {1}, {1.0f});
  CHECK(codes(OpKind::linear, {{"dst_scale", 1.0}, {"dst_zero_point", std::int64_t{5}}}, {x, w}) == Codes{8});
  CHECK(codes(OpKind::linear, {{"dst_scale", 1e-6}}, {x, w}) == Codes{127});
}

TEST_CASE("reference: int8: accumulators do not overflow s32") {
  const std::int64_t taps = 140000;
  const Value x = q8({1, taps}, std::vector<std::int8_t>(taps, 127), 1.0f, -128);
  const Value w = weights({1, taps}, std::vector<std::int8_t>(taps, 127), {1.0f});
  CHECK(floats(OpKind::linear, {}, {x, w}) == Floats32{static_cast<float>(taps * 255 * 127)});
}

TEST_CASE("reference: conv in bf16: inputs exact, result rounded once") {
  // 1.0, 3.0 and 1 + 2^-7: 3 * (1 + 2^-7) = 3.0234375, a tie in bf16 between 3.015625 and 3.03125, goes to even.
  const Value x = bf16({1, 1, 2}, {0x3F80, 0x4040}), w = bf16({1, 1, 1}, {0x3F81});
  CHECK(elements<std::uint16_t>(apply(OpKind::conv, plain1d(), {x, w})) == std::vector<std::uint16_t>{0x3F81, 0x4042});
}

TEST_CASE("reference: conv_transpose") {
  const Value x = count_up({1, 1, 2, 2}), w = count_up({1, 1, 2, 2}), b = f32({1}, {0.5f});
  Attributes a = window({2, 2}, {1, 1}, {1, 1}, {1, 1});
  a.set("output_padding", Ints{1, 1});
  CHECK(floats(OpKind::conv_transpose, a, {x, w, b}) ==
        Floats32{4.5f, 6.5f, 8.5f, 6.5f, 4.5f, 8.5f, 12.5f, 12.5f, 16.5f});
  Attributes grouped = window({1}, {0}, {0}, {1}, 2);
  grouped.set("output_padding", Ints{0});
  CHECK(floats(OpKind::conv_transpose, grouped, {count_up({1, 2, 2}), f32({2, 1, 2}, {1, 2, 3, -1})}) ==
        Floats32{1, 4, 4, 9, 9, -4});
}

TEST_CASE("reference: linear and matmul") {
  const Value x = count_up({2, 1, 3}), w = f32({2, 3}, {1, 0, -1, 2, 1, 0}), b = f32({2}, {0.5f, -1});
  CHECK(floats(OpKind::linear, {}, {x, w, b}) == Floats32{-1.5f, 3, -1.5f, 12});
  // Two batches of a against one of b.
  CHECK(floats(OpKind::matmul, {}, {count_up({2, 1, 2}), count_up({2, 2})}) == Floats32{7, 10, 15, 22});
  CHECK(floats(OpKind::matmul, {}, {f32({2, 0}, {}), f32({0, 2}, {})}) == Floats32{0, 0, 0, 0});
}
