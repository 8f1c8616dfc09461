// Unary, binary, where, cast, lookup, quantize and dequantize.
#include <cmath>
#include <limits>

#include "run.h"

using namespace run;

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
const float kNan = std::nanf("");
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

const Value points() { return f32({7}, {-3.5f, -1, -0.25f, 0, 0.5f, 2, 5}); }

std::vector<std::int64_t> cast_to_s64(std::vector<float> v) {
  const Shape shape{static_cast<std::int64_t>(v.size())};
  return integers(OpKind::cast, {{"to", std::string("s64")}}, {f32(shape, std::move(v))});
}

}  // namespace

TEST_CASE("reference: unary: values of torch 2.13") {
  const Value x = points();
  // The roundings of torch: x * clip(x + 3) / 6.
  CHECK(floats(OpKind::hardswish, {}, {x}) ==
        Floats32{-0.0f, -0.333333343f, -0.114583336f, 0, 0.291666657f, 1.66666663f, 5});
  check_near(floats(OpKind::silu, {}, {x}),
             {-0.102592811f, -0.268941432f, -0.109455876f, 0, 0.311229676f, 1.76159406f, 4.96653557f});
  check_near(floats(OpKind::gelu, {{"approximate", std::string("none")}}, {x}),
             {-0.000814333558f, -0.158655286f, -0.100323431f, 0, 0.345731199f, 1.95449996f, 4.99999857f}, 3e-7);
  check_near(floats(OpKind::gelu, {{"approximate", std::string("tanh")}}, {x}),
             {-0.000616148114f, -0.158807993f, -0.100324646f, 0, 0.345714003f, 1.95459771f, 4.99999952f}, 3e-7);
  check_near(floats(OpKind::elu, {{"alpha", 1.0}}, {x}), {-0.969802618f, -0.63212055f, -0.221199214f, 0, 0.5f, 2, 5});
  check_near(floats(OpKind::softplus, {}, {x}),
             {0.0297504179f, 0.313261688f, 0.575939417f, 0.693147182f, 0.974076986f, 2.12692809f, 5.0067153f});
  check_near(floats(OpKind::sigmoid, {}, {x}),
             {0.0293122306f, 0.268941432f, 0.437823504f, 0.5f, 0.622459352f, 0.880797029f, 0.993307173f});
  check_near(floats(OpKind::tanh, {}, {x}),
             {-0.998177886f, -0.761594176f, -0.244918659f, 0, 0.462117165f, 0.964027584f, 0.999909222f});
  check_near(floats(OpKind::erf, {}, {x}),
             {-0.999999285f, -0.842700779f, -0.276326388f, 0, 0.520499885f, 0.995322287f, 1});
}

TEST_CASE("reference: unary: exact ones") {
  const Value x = points();
  CHECK(floats(OpKind::relu, {}, {x}) == Floats32{0, 0, 0, 0, 0.5f, 2, 5});
  CHECK(floats(OpKind::clip, {{"min", -1.0}, {"max", 2.0}}, {x}) == Floats32{-1, -1, -0.25f, 0, 0.5f, 2, 2});
  CHECK(floats(OpKind::clip, {{"min", 3.0}, {"max", 1.0}}, {f32({2}, {0, 5})}) == Floats32{1, 1});
  CHECK(floats(OpKind::hardsigmoid, {{"alpha", 0.25}, {"beta", 0.5}}, {x}) ==
        Floats32{0, 0.25f, 0.4375f, 0.5f, 0.625f, 1, 1});
  CHECK(floats(OpKind::leaky_relu, {{"alpha", 0.5}}, {x}) == Floats32{-1.75f, -0.5f, -0.125f, 0, 0.5f, 2, 5});
  CHECK(floats(OpKind::round, {}, {f32({5}, {0.5f, 1.5f, 2.5f, -0.5f, -1.5f})}) == Floats32{0, 2, 2, 0, -2});
  CHECK(floats(OpKind::floor, {}, {x}) == Floats32{-4, -1, -1, 0, 0, 2, 5});
  CHECK(floats(OpKind::ceil, {}, {x}) == Floats32{-3, -1, 0, 0, 1, 2, 5});
  CHECK(floats(OpKind::sign, {}, {x}) == Floats32{-1, -1, -1, 0, 1, 1, 1});
  CHECK(floats(OpKind::reciprocal, {}, {f32({2}, {4, 0})}) == Floats32{0.25f, kInf});
  CHECK(flags(OpKind::logical_not, {}, {boolean({3}, {0, 1, 7})}) == Codes{1, 0, 0});
  for (OpKind kind : {OpKind::relu, OpKind::hardswish, OpKind::silu, OpKind::abs})
    CHECK(std::isnan(floats(kind, {}, {f32({1}, {kNan})})[0]));
}

TEST_CASE("reference: unary: integers") {
  const Value x = s64({4}, {-7, 0, 3, kLeast});
  CHECK(integers(OpKind::neg, {}, {x}) == Ints{7, 0, -3, kLeast});
  CHECK(integers(OpKind::abs, {}, {x}) == Ints{7, 0, 3, kLeast});
  CHECK(integers(OpKind::relu, {}, {x}) == Ints{0, 0, 3, 0});
  CHECK(integers(OpKind::clip, {{"min", -3.5}, {"max", 1e30}}, {x}) == Ints{-3, 0, 3, -3});
}

TEST_CASE("reference: binary: broadcasting") {
  const Value column = f32({2, 1}, {10, 20}), row = f32({3}, {1, 2, 4}), scalar = f32({}, {2});
  CHECK(floats(OpKind::add, {}, {column, row}) == Floats32{11, 12, 14, 21, 22, 24});
  CHECK(floats(OpKind::sub, {}, {row, scalar}) == Floats32{-1, 0, 2});
  CHECK(floats(OpKind::div, {}, {column, row}) == Floats32{10, 5, 2.5f, 20, 10, 5});
  CHECK(floats(OpKind::pow, {}, {row, scalar}) == Floats32{1, 4, 16});
  CHECK(floats(OpKind::mul, {}, {count_up({2, 1, 2}), count_up({2, 1})}) == Floats32{1, 2, 2, 4, 3, 4, 6, 8});
  CHECK(floats(OpKind::prelu, {}, {f32({2, 2}, {-1, 2, -3, 4}), f32({2, 1}, {0.5f, 2})}) == Floats32{-0.5f, 2, -6, 4});
  CHECK(floats(OpKind::where, {}, {boolean({2, 1}, {1, 0}), row, scalar}) == Floats32{1, 2, 4, 2, 2, 2});
  CHECK(apply(OpKind::add, {}, {f32({0, 3}, {}), row}).shape() == Shape{0, 3});
}

TEST_CASE("reference: binary: comparisons and NaN") {
  const Value a = f32({4}, {1, 2, kNan, 3}), b = f32({4}, {2, 2, 1, kNan});
  CHECK(flags(OpKind::less, {}, {a, b}) == Codes{1, 0, 0, 0});
  CHECK(flags(OpKind::less_equal, {}, {a, b}) == Codes{1, 1, 0, 0});
  CHECK(flags(OpKind::greater, {}, {a, b}) == Codes{0, 0, 0, 0});
  CHECK(flags(OpKind::equal, {}, {a, b}) == Codes{0, 1, 0, 0});
  CHECK(flags(OpKind::logical_and, {}, {boolean({3}, {1, 1, 0}), boolean({}, {2})}) == Codes{1, 1, 0});
  const auto least = floats(OpKind::minimum, {}, {a, b}), most = floats(OpKind::maximum, {}, {a, b});
  CHECK(least[0] == 1);
  CHECK(most[0] == 2);
  for (std::size_t i : {2u, 3u}) {
    CHECK(std::isnan(least[i]));
    CHECK(std::isnan(most[i]));
  }
}

TEST_CASE("reference: binary: integers") {
  const Value a = s64({4}, {7, -7, 7, -7}), b = s64({4}, {2, 2, -2, -2});
  CHECK(integers(OpKind::div, {}, {a, b}) == Ints{3, -3, -3, 3});
  CHECK(integers(OpKind::mod, {}, {a, b}) == Ints{1, 1, -1, -1});
  CHECK(integers(OpKind::pow, {}, {s64({4}, {3, -1, 2, -2}), s64({4}, {4, -3, -1, 3})}) == Ints{81, -1, 0, -8});
  CHECK(integers(OpKind::div, {}, {s64({1}, {kLeast}), s64({1}, {-1})}) == Ints{kLeast});
  CHECK(integers(OpKind::add, {}, {s64({1}, {kLeast}), s64({1}, {-1})}) ==
        Ints{std::numeric_limits<std::int64_t>::max()});
  CHECK(elements<std::int32_t>(apply(OpKind::mul, {}, {s32({1}, {1 << 30}), s32({1}, {6})})) ==
        std::vector<std::int32_t>{static_cast<std::int32_t>(0x80000000u)});
}

TEST_CASE("reference: binary: an integer divided by zero is an error, not a fault") {
  for (OpKind kind : {OpKind::div, OpKind::mod}) {
    const auto got = attempt(kind, {}, {s64({2}, {1, 2}), s64({2}, {1, 0})});
    REQUIRE_FALSE(got.ok());
    CHECK(got.error().code == "E101");
    CHECK(got.error().what == "integer division by zero");
  }
}

TEST_CASE("reference: cast") {
  CHECK(cast_to_s64({1.9f, -1.9f, kNan, kInf, -1e30f, 3e9f}) ==
        Ints{1, -1, 0, std::numeric_limits<std::int64_t>::max(), kLeast, 3000000000});
  const auto to = [](const char* name) { return Attributes{{"to", std::string(name)}}; };
  const Value x = f32({4}, {300, -300, 127.9f, -0.5f});
  CHECK(codes(OpKind::cast, to("s8"), {x}) == Codes{127, -128, 127, 0});
  CHECK(elements<std::uint8_t>(apply(OpKind::cast, to("u8"), {x})) == std::vector<std::uint8_t>{255, 0, 127, 0});
  CHECK(codes(OpKind::cast, to("s8"), {s64({2}, {300, -129})}) == Codes{44, 127});
  CHECK(flags(OpKind::cast, to("boolean"), {f32({3}, {0, -0.0f, 0.1f})}) == Codes{0, 0, 1});
  CHECK(floats(OpKind::cast, to("f32"), {boolean({2}, {5, 0})}) == Floats32{1, 0});
  // Ties to even, overflow to infinity, NaN stays NaN.
  const Value y = f32({4}, {1.00390625f, 1.01171875f, 3.4e38f, kNan});
  CHECK(elements<std::uint16_t>(apply(OpKind::cast, to("bf16"), {y})) ==
        std::vector<std::uint16_t>{0x3F80, 0x3F82, 0x7F80, 0x7FC0});
  const Value z = f32({6}, {65519.0f, 65520.0f, 5.9604645e-8f, 2.98023224e-8f, 8.940697e-8f, -1.5f});
  CHECK(elements<std::uint16_t>(apply(OpKind::cast, to("f16"), {z})) ==
        std::vector<std::uint16_t>{0x7BFF, 0x7C00, 0x0001, 0x0000, 0x0002, 0xBE00});
}

TEST_CASE("reference: quantize: table of pt2e-semantics 1.1") {
  const auto quantize = [](float x, double scale, std::int64_t zero_point) {
    const Attributes a{{"scales", Floats{scale}}, {"zero_points", Ints{zero_point}}, {"type", std::string("s8")}};
    return codes(OpKind::quantize, a, {f32({1}, {x})})[0];
  };
  CHECK(quantize(-9.90104103f, 0.127755374f, 3) == -74);
  CHECK(quantize(0.319388449f, 0.127755374f, 3) == 5);
  CHECK(quantize(-3.51100111f, 0.132490605f, 0) == -27);
  CHECK(quantize(-14.3752308f, 0.132490605f, 0) == -108);
  CHECK(quantize(2.5f, 1, 0) == 2);
  CHECK(quantize(3.5f, 1, 0) == 4);
  CHECK(quantize(-2.5f, 1, 0) == -2);
  CHECK(quantize(2.5f, 1, 5) == 7);
  CHECK(quantize(kInf, 1, 5) == 127);
  CHECK(quantize(-kInf, 1, 5) == -128);
  CHECK(quantize(1e38f, 1, 5) == 127);
  CHECK(quantize(-0.0f, 1, 5) == 5);
  CHECK(quantize(kNan, 1, 5) == 0);
}

TEST_CASE("reference: quantize and dequantize per channel") {
  const Attributes a{{"scales", Floats{1, 0.5}},
                     {"zero_points", Ints{10, 20}},
                     {"axis", std::int64_t{1}},
                     {"type", std::string("u8")}};
  const Tensor q = apply(OpKind::quantize, a, {f32({2, 2}, {1, 1, -20, 200})});
  CHECK(elements<std::uint8_t>(q) == std::vector<std::uint8_t>{11, 22, 0, 255});
  const Attributes to{{"to", std::string("f32")}};
  CHECK(floats(OpKind::dequantize, to, {weights({2, 2}, {1, -2, 3, -128}, {1, 0.5f})}) == Floats32{1, -2, 1.5f, -64});
  CHECK(floats(OpKind::dequantize, to, {q8({2}, {5, -128}, 0.5f, 7)}) == Floats32{-1, -67.5f});
}

TEST_CASE("reference: lookup") {
  std::vector<std::int8_t> table(256);
  for (int q = -128; q < 128; ++q) table[static_cast<std::size_t>(q + 128)] = static_cast<std::int8_t>(-1 - q);
  const Attributes a{{"dst_scale", 1.0}, {"dst_zero_point", std::int64_t{0}}};
  CHECK(codes(OpKind::lookup, a, {q8({4}, {-128, -1, 0, 127}, 1, 0), s8({256}, table)}) == Codes{127, 0, -1, -128});
}
