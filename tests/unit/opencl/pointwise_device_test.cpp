#include <cmath>

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

TEST_CASE("codes in all their forms equal the interpreter") {
  Device* d = device_or_skip();
  if (d == nullptr) return;
  Comparison all;
  const auto add = [&](const char* what, auto build) {
    SamplePlan s(static_cast<std::uint32_t>(all.compared()) + 5);
    build(s);
    all.add(what, std::move(s));
  };
  const QuantParams channels{{0.1f, 0.02f, 0.3f}, {0, 0, 0}, 1};
  for (const char* to : {"f32", "bf16"})
    add("dequantize per channel", [&](SamplePlan& s) { s.step(OpKind::dequantize, {{"to", word(to)}}, {s.value(DataType::s8, {4, 3, 5}, Layout::plain, channels)}); });
  for (const char* type : {"s8", "u8"}) {
    const std::int64_t zero = word(type) == "s8" ? -3 : 120;
    add("quantize per channel", [&](SamplePlan& s) {
      s.step(OpKind::quantize, {{"scales", Floats{0.1, 0.02, 0.3}}, {"zero_points", Ints{zero, zero + 1, zero + 2}}, {"axis", std::int64_t{0}}, {"type", word(type)}}, {s.value(DataType::f32, {3, 17})});
    });
    add("to_codes", [&](SamplePlan& s) { s.step(OpKind::to_codes, {{"to", word(type)}}, {s.value(DataType::s8, {37}, Layout::plain, per_tensor(0.1f, 3))}); });
    add("from_codes", [&](SamplePlan& s) {
      s.step(OpKind::from_codes, {{"scales", Floats{0.1}}, {"zero_points", Ints{-8}}}, {s.value(word(type) == "s8" ? DataType::s8 : DataType::u8, {37})});
    });
  }
  add("special numbers", [&](SamplePlan& s) {
    const auto x = s.value(DataType::f32, {8});
    const float numbers[] = {0.0f / -1.0f, 1e38f, -1e38f, INFINITY, -INFINITY, NAN, 0.05f, 0.15f};
    std::copy(std::begin(numbers), std::end(numbers), s.elements(x).data<float>());
    s.step(OpKind::quantize, {{"scales", Floats{0.1}}, {"zero_points", Ints{-8}}, {"type", word("s8")}}, {x});
  });
  for (const Layout l : {Layout::plain, Layout::channels_last})
    add("lookup", [&](SamplePlan& s) {
      const auto x = s.value(DataType::s8, {1, 16, 3, 5}, l, per_tensor(0.1f, 3));
      s.step(OpKind::lookup, {{"dst_scale", 0.2}, {"dst_zero_point", std::int64_t{4}}}, {x, s.constant(DataType::s8, {256})}, l);
    });
  add("dropout", [&](SamplePlan& s) { s.step(OpKind::dropout, {}, {s.value(DataType::f32, {5, 5})}); });
  add("prelu", [&](SamplePlan& s) { s.step(OpKind::prelu, {}, {s.value(DataType::f32, {2, 5, 3, 3}), s.constant(DataType::f32, {5, 1, 1})}); });
  for (const DataType type : {DataType::f32, DataType::s8, DataType::s32})
    add("clip", [&](SamplePlan& s) { s.step(OpKind::clip, {{"min", -1.5}, {"max", 100.25}}, {s.value(type, {99})}); });
  add("leaky_relu", [&](SamplePlan& s) { s.step(OpKind::leaky_relu, {{"alpha", 0.1}}, {s.value(DataType::bf16, {99})}); });
  add("logic", [&](SamplePlan& s) {
    const auto a = s.value(DataType::boolean, {9, 7}), b = s.value(DataType::boolean, {7});
    s.step(OpKind::logical_or, {}, {s.step(OpKind::logical_not, {}, {a}), s.step(OpKind::logical_and, {}, {a, b})});
  });
  for (const DataType type : {DataType::f16, DataType::f64, DataType::s16})
    add("transpose", [&](SamplePlan& s) { s.step(OpKind::transpose, {{"perm", Ints{1, 0}}}, {s.value(type, {6, 7})}); });
  add("powers", [&](SamplePlan& s) {
    const auto x = s.value(DataType::s32, {40}), y = s.value(DataType::s32, {40});
    for (auto& v : s.elements(x).span<std::int32_t>()) v = static_cast<std::int32_t>(s.pick(1, 9));
    for (auto& v : s.elements(y).span<std::int32_t>()) v = static_cast<std::int32_t>(s.pick(-2, 9));
    s.step(OpKind::pow, {}, {x, y});
  });
  CHECK(all.run(*d) == "");
}
