#include "device_check.h"

using namespace xpuq;
using namespace xpuq::test;

namespace {

const Attributes kQuantize{{"scales", Floats{0.0371}}, {"zero_points", Ints{-7}}, {"type", std::string("s8")}};
const Attributes kToF32{{"to", std::string("f32")}}, kToBf16{{"to", std::string("bf16")}};

Shape picture(SamplePlan& s) { return {s.pick(1, 2), s.pick(1, 20), s.pick(1, 9), s.pick(1, 9)}; }

}  // namespace

TEST_CASE("residual add, relu and quantize equal the interpreter") {
  Device* d = device_or_skip();
  if (d == nullptr) return;
  Comparison all;
  for (std::uint32_t seed = 0; seed < seeds(24); ++seed) {
    SamplePlan s(seed);
    const Shape shape = picture(s);
    const Layout l = any_layout(s);
    const auto a = s.value(DataType::s8, shape, l, per_tensor(0.021f, 5)), b = s.value(DataType::s8, shape, l, per_tensor(0.034f, -3));
    const Attributes& to = seed % 3 == 0 ? kToBf16 : kToF32;
    const auto x = s.step(OpKind::dequantize, to, {a}, l), y = s.step(OpKind::dequantize, to, {b}, l);
    const auto sum = s.step(OpKind::relu, {}, {s.step(OpKind::add, {}, {x, y}, l)}, l);
    s.step(OpKind::quantize, kQuantize, {sum}, any_layout(s));
    all.add("residual", std::move(s));
  }
  CHECK(all.run(*d) == "");
  CHECK(all.compared() > 1000);
}

TEST_CASE("quantize of a picture changes its layout") {
  Device* d = device_or_skip();
  if (d == nullptr) return;
  Comparison all;
  for (std::uint32_t seed = 0; seed < seeds(24); ++seed) {
    SamplePlan s(seed);
    const Shape shape = seed < 12 ? Shape{s.pick(1, 2), s.pick(1, 9), s.pick(1, 8), 4 * s.pick(1, 4)} : picture(s);
    const auto x = s.value(seed % 4 == 3 ? DataType::bf16 : DataType::f32, shape, seed % 5 == 4 ? Layout::channels_last : Layout::plain);
    s.step(OpKind::quantize, kQuantize, {x}, seed % 5 == 4 ? Layout::plain : Layout::channels_last);
    all.add("stem", std::move(s));
  }
  CHECK(all.run(*d) == "");
}

TEST_CASE("moves and broadcasts between pointwise steps") {
  Device* d = device_or_skip();
  if (d == nullptr) return;
  Comparison all;
  for (std::uint32_t seed = 0; seed < seeds(16); ++seed) {
    SamplePlan s(seed);
    const std::int64_t n = s.pick(1, 2), t = s.pick(1, 9), h = s.pick(1, 3), w = s.pick(1, 2) * 4;
    auto x = s.value(DataType::f32, {n, t, h * w});
    x = s.step(OpKind::reshape, {{"shape", Ints{n, t, h, w}}}, {x});
    x = s.step(OpKind::transpose, {{"perm", Ints{0, 2, 1, 3}}}, {x});
    x = s.step(OpKind::mul, {}, {x, s.constant(DataType::f32, {h, 1, 1})});
    x = s.step(OpKind::add, {}, {x, s.constant(DataType::f32, {})});
    x = s.step(OpKind::transpose, {{"perm", Ints{0, 2, 1, 3}}}, {x});
    x = s.step(OpKind::quantize, kQuantize, {x});
    s.step(OpKind::reshape, {{"shape", Ints{n * t, h * w}}}, {x});
    all.add("heads", std::move(s));
  }
  for (std::uint32_t seed = 0; seed < seeds(16); ++seed) {
    SamplePlan s(seed);
    const Shape shape{s.pick(1, 2), s.pick(1, 20), s.pick(2, 9), s.pick(2, 9)};
    const Layout l = any_layout(s);
    auto x = s.value(DataType::s8, shape, l, per_tensor(0.02f, 11));
    if (seed % 2 == 0) x = s.step(OpKind::reorder, {{"layout", std::string("plain")}}, {x});
    x = s.step(OpKind::pad, {{"begin", Ints{0, 0, 1, seed % 3}}, {"end", Ints{0, seed % 2, 2, 0}}, {"mode", std::string("constant")}, {"value", 0.0}}, {x}, l);
    s.step(OpKind::reorder, {{"layout", std::string("channels_last")}}, {x}, Layout::channels_last);
    all.add("pad", std::move(s));
  }
  for (std::uint32_t seed = 0; seed < seeds(16); ++seed) {
    SamplePlan s(seed);
    Shape shape = picture(s);
    const Layout l = any_layout(s);
    const std::int64_t axis = s.pick(0, 3);
    std::vector<std::uint32_t> parts;
    for (int i = 0; i < 3; ++i) {
      shape[static_cast<std::size_t>(axis)] = seed % 2 ? 16 * s.pick(1, 2) : s.pick(0, 5);
      auto part = s.value(DataType::s8, shape, l, per_tensor(0.02f, 3));
      if (i == 1 && seed % 3 == 0) {
        part = s.step(OpKind::dequantize, kToF32, {part}, l);
        part = s.step(OpKind::quantize, {{"scales", Floats{0.02f}}, {"zero_points", Ints{3}}, {"type", std::string("s8")}}, {part}, l);
      }
      parts.push_back(part);
    }
    if (shape[static_cast<std::size_t>(axis)] == 0) continue;
    auto joined = s.step(OpKind::concat, {{"axis", axis}}, parts, l);
    s.step(OpKind::dequantize, kToF32, {joined}, l);
    all.add("concat", std::move(s));
  }
  for (std::uint32_t seed = 0; seed < seeds(8); ++seed) {
    SamplePlan s(seed);
    const Shape shape = picture(s);
    const Layout l = any_layout(s);
    auto gate = s.value(DataType::f32, {shape[0], shape[1], 1, 1}, l);
    gate = s.step(OpKind::hardsigmoid, {{"alpha", 1.0 / 6}, {"beta", 0.5}}, {gate}, l);
    const auto x = s.value(DataType::f32, shape, l);
    s.step(OpKind::quantize, kQuantize, {s.step(OpKind::mul, {}, {x, gate}, l)}, l);
    all.add("gate", std::move(s));
  }
  CHECK(all.run(*d) == "");
}

TEST_CASE("transpositions in blocks equal the interpreter") {
  Device* d = device_or_skip();
  if (d == nullptr) return;
  Comparison all;
  const DataType types[] = {DataType::f32, DataType::bf16, DataType::s8, DataType::s64};
  for (std::uint32_t seed = 0; seed < seeds(24); ++seed) {
    SamplePlan s(seed);
    const DataType type = types[seed % 4];
    const Shape shape{s.pick(1, 2), s.pick(3, 24), seed % 3 ? s.pick(3, 24) : 16, 2};
    auto x = s.value(type, shape);
    switch (seed % 3) {
      case 0: x = s.step(OpKind::transpose, {{"perm", Ints{0, 3, 2, 1}}}, {x}); break;
      case 1: x = s.step(OpKind::transpose, {{"perm", Ints{3, 0, 2, 1}}}, {x}); break;
      default: x = s.step(OpKind::reorder, {{"layout", word("channels_last")}}, {x}, Layout::channels_last); break;
    }
    if (type == DataType::f32 && seed % 3 == 0) {
      x = s.step(OpKind::mul, {}, {x, s.constant(type, {shape[3], 1, shape[1]})});
      x = s.step(OpKind::quantize, kQuantize, {s.step(OpKind::add, {}, {x, s.constant(type, {shape[2], 1})})});
    }
    all.add("transpose " + std::to_string(seed), std::move(s));
  }
  CHECK(all.run(*d) == "");
}
