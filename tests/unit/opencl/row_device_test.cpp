#include "device_check.h"

using namespace xpuq;
using namespace xpuq::test;

TEST_CASE("pools of codes and floats equal the interpreter") {
  Device* d = device_or_skip();
  if (d == nullptr) return;
  Comparison exact;
  for (std::uint32_t seed = 0; seed < seeds(40); ++seed) {
    SamplePlan s(seed);
    const DataType type = seed % 5 == 3 ? DataType::f32 : seed % 5 == 4 ? DataType::bf16 : DataType::s8;
    const Shape shape{s.pick(1, 2), s.pick(1, 3) * (seed % 2 ? 4 : 1), s.pick(3, 9), s.pick(3, 9)};
    const Layout l = any_layout(s);
    const auto quant = type == DataType::s8 ? std::optional(per_tensor(0.037f, static_cast<std::int32_t>(s.pick(-20, 20)))) : std::nullopt;
    const auto x = s.value(type, shape, l, quant);
    const Ints kernel{s.pick(1, 3), s.pick(1, 3)}, strides{s.pick(1, 2), s.pick(1, 3)};
    const Ints pads{s.pick(0, kernel[0] - 1), s.pick(0, kernel[1] - 1)};
    if (seed % 4 == 0) {
      s.step(OpKind::max_pool, {{"kernel", kernel}, {"strides", strides}, {"pads_begin", pads}, {"pads_end", pads}, {"dilations", Ints{1, 1}}, {"ceil_mode", std::int64_t{seed % 8 == 0}}}, {x}, l);
    } else if (seed % 4 == 1) {
      s.step(OpKind::adaptive_avg_pool, {{"output_size", Ints{s.pick(1, 4), s.pick(1, 4)}}}, {x}, l);
    } else {
      Attributes a{{"kernel", kernel}, {"strides", strides}, {"pads_begin", pads}, {"pads_end", pads}, {"ceil_mode", std::int64_t{seed % 8 == 2}}, {"count_include_pad", std::int64_t{seed % 3 == 0}}};
      if (seed % 7 == 0) a.set("divisor_override", std::int64_t{3});
      s.step(OpKind::avg_pool, a, {x}, l);
    }
    exact.add("pool " + std::to_string(seed), std::move(s));
  }
  // Codes of few values around the zero point, so that many means are ties.
  for (std::uint32_t seed = 0; seed < seeds(20); ++seed) {
    SamplePlan s(seed);
    const Shape shape{s.pick(1, 2), s.pick(1, 5) * (seed % 2 ? 4 : 1), seed < 4 ? 2 : s.pick(2, 20), seed < 14 ? 2 * s.pick(1, 10) : 48};
    const Layout l = any_layout(s);
    const auto x = s.value(DataType::s8, shape, l, per_tensor(0.0173f + 0.01f * static_cast<float>(seed), 3));
    for (auto& q : s.elements(x).span<std::int8_t>()) q = static_cast<std::int8_t>(q % 3 + 3);
    s.step(OpKind::adaptive_avg_pool, {{"output_size", Ints{1, seed == 5 ? 2 : 1}}}, {x}, l);
    exact.add("average " + std::to_string(seed), std::move(s));
  }
  CHECK(exact.run(*d) == "");
  CHECK(exact.compared() > 500);
}

TEST_CASE("reductions, softmax and normalizations equal the interpreter") {
  Device* d = device_or_skip();
  if (d == nullptr) return;
  Comparison exact, near;
  const OpKind kinds[] = {OpKind::reduce_mean, OpKind::reduce_sum, OpKind::reduce_max, OpKind::reduce_min, OpKind::reduce_prod, OpKind::argmax};
  for (std::uint32_t seed = 0; seed < seeds(36); ++seed) {
    SamplePlan s(seed);
    const OpKind op = kinds[seed % 6];
    const bool integers = seed % 5 == 2 && op != OpKind::reduce_mean;
    const DataType type = integers ? DataType::s32 : seed % 5 == 3 ? DataType::bf16 : DataType::f32;
    const Shape shape{s.pick(1, 3), s.pick(1, 9), s.pick(1, 9), s.pick(1, 70)};
    const auto x = s.value(type, shape, op == OpKind::reduce_mean ? any_layout(s) : Layout::plain);
    if (op == OpKind::argmax) {
      for (auto& v : s.elements(x).span<std::uint8_t>().first(0)) v = 0;
      s.step(op, {{"axis", s.pick(0, 3)}, {"keepdims", std::int64_t{seed % 2}}}, {x});
    } else {
      const Ints axes = seed % 4 == 0 ? Ints{2, 3} : seed % 4 == 1 ? Ints{3} : seed % 4 == 2 ? Ints{0, 2} : Ints{1, 3};
      s.step(op, {{"axes", axes}, {"keepdims", std::int64_t{seed % 2}}}, {x});
    }
    exact.add(std::string(to_string(op)) + " " + std::to_string(seed), std::move(s));
  }
  for (std::uint32_t seed = 0; seed < seeds(24); ++seed) {
    SamplePlan s(seed);
    const DataType type = seed % 4 == 3 ? DataType::bf16 : DataType::f32;
    const Shape shape{s.pick(1, 3), s.pick(1, 4) * 2, s.pick(1, 9), s.pick(1, 90)};
    const auto x = s.value(type, shape, seed % 6 == 0 ? Layout::channels_last : Layout::plain);
    switch (seed % 6) {
      case 0: {
        std::vector<std::uint32_t> in{x};
        for (int i = 0; i < 4; ++i) in.push_back(s.constant(type, {shape[1]}));
        for (auto& v : s.elements(in[4]).span<std::uint16_t>()) v &= 0x7FFF;
        s.step(OpKind::batchnorm, {{"eps", 1e-5}}, in, any_layout(s));
        break;
      }
      case 1: case 2: {
        const std::int64_t axis = s.pick(2, 3);
        const Shape tail(shape.begin() + axis, shape.end());
        std::vector<std::uint32_t> in{x};
        if (seed % 3 != 0) in.push_back(s.constant(type, tail));
        if (seed % 3 == 2) in.push_back(s.constant(type, tail));
        s.step(OpKind::layer_norm, {{"axis", axis}, {"eps", 1e-6}}, in);
        break;
      }
      case 3:
        s.step(OpKind::group_norm, {{"groups", std::int64_t{2}}, {"eps", 1e-5}}, {x, s.constant(type, {shape[1]}), s.constant(type, {shape[1]})});
        break;
      default:
        s.step(seed % 6 == 4 ? OpKind::softmax : OpKind::log_softmax, {{"axis", s.pick(1, 3)}}, {x});
        near.add("softmax " + std::to_string(seed), std::move(s), 3, seed % 6 == 5 ? 1e-6f : 0.0f);
        continue;
    }
    exact.add("norm " + std::to_string(seed), std::move(s));
  }
  CHECK(exact.run(*d) == "");
  CHECK(near.run(*d) == "");
  UNSCOPED_INFO("softmax: " << near.largest_ulps() << " ulp");
  CHECK(near.largest_ulps() <= 3);
}

TEST_CASE("pointwise steps behind a float operation are part of its kernel") {
  Device* d = device_or_skip();
  if (d == nullptr) return;
  Comparison all;
  const Attributes quantize{{"scales", Floats{0.0131}}, {"zero_points", Ints{-7}}, {"type", word("s8")}};
  for (std::uint32_t seed = 0; seed < seeds(14, 8); ++seed) {
    SamplePlan s(seed);
    const DataType type = seed % 4 == 3 ? DataType::bf16 : DataType::f32;
    const Shape shape{s.pick(1, 3), s.pick(1, 4) * 2, s.pick(2, 9), s.pick(2, 60)};
    const bool spatial = seed % 7 >= 4;
    auto x = s.value(type, shape, spatial ? any_layout(s) : Layout::plain);
    const Layout to = any_layout(s);
    switch (seed % 7) {
      case 0: x = s.step(OpKind::layer_norm, {{"axis", std::int64_t{3}}, {"eps", 1e-6}}, {x, s.constant(type, {shape[3]}), s.constant(type, {shape[3]})}); break;
      case 1: x = s.step(OpKind::group_norm, {{"groups", std::int64_t{2}}, {"eps", 1e-5}}, {x, s.constant(type, {shape[1]}), s.constant(type, {shape[1]})}); break;
      case 2: x = s.step(OpKind::reduce_mean, {{"axes", Ints{1}}, {"keepdims", std::int64_t{1}}}, {x}); break;
      case 3: x = s.step(OpKind::reduce_max, {{"axes", Ints{3}}, {"keepdims", std::int64_t{0}}}, {x}); break;
      case 4: x = s.step(OpKind::adaptive_avg_pool, {{"output_size", Ints{1, 1}}}, {x}, to); break;
      case 5: x = s.step(OpKind::adaptive_avg_pool, {{"output_size", Ints{2, 3}}}, {x}, to); break;
      default: x = s.step(OpKind::resize, {{"mode", word("linear")}, {"coordinates", word("half_pixel")}, {"nearest_mode", word("floor")}, {"sizes", Ints{shape[0], shape[1], 5, 7}}, {"scales", Floats{1, 1, 5.0 / static_cast<double>(shape[2]), 7.0 / static_cast<double>(shape[3])}}}, {x}, to); break;
    }
    x = s.step(OpKind::mul, {}, {s.step(OpKind::relu, {}, {x}, to), s.constant(type, {1})}, to);
    s.step(OpKind::quantize, quantize, {x}, any_layout(s));
    const Plan plan = s.finish();
    CHECK(opencl::group_steps(plan, [](const Step&) { return true; }).size() == (type == DataType::f32 ? 1 : 2));
    all.add("tail " + std::to_string(seed), std::move(s));
  }
  CHECK(all.run(*d) == "");
}

TEST_CASE("pointwise steps in front of a row operation are part of its kernel") {
  Device* d = device_or_skip();
  if (d == nullptr) return;
  Comparison all;
  for (std::uint32_t seed = 0; seed < seeds(16); ++seed) {
    SamplePlan s(seed);
    const Shape shape{s.pick(1, 3), s.pick(1, 4) * (seed % 2 ? 4 : 1), s.pick(2, 9), s.pick(2, 12)};
    const Layout l = any_layout(s);
    auto x = s.value(DataType::f32, shape, l);
    int ulps = 0;
    if (seed % 4 == 0) {
      // Few codes, so that many means are ties.
      for (auto& v : s.elements(x).span<float>()) v *= 0.5f;
      x = s.step(OpKind::quantize, {{"scales", Floats{0.731}}, {"zero_points", Ints{3}}, {"type", word("s8")}}, {s.step(OpKind::relu, {}, {x}, l)}, l);
      x = s.step(OpKind::adaptive_avg_pool, {{"output_size", Ints{1, 1}}}, {x}, l);
    } else {
      const auto y = s.value(DataType::f32, shape, seed % 4 == 1 ? l : Layout::plain);
      x = s.step(OpKind::add, {}, {s.step(OpKind::neg, {}, {x}, l), y}, seed % 4 == 1 ? l : Layout::plain);
      if (seed % 4 == 1) x = s.step(OpKind::reduce_mean, {{"axes", Ints{2, 3}}, {"keepdims", std::int64_t{1}}}, {x});
      if (seed % 4 == 2) x = s.step(OpKind::layer_norm, {{"axis", std::int64_t{3}}, {"eps", 1e-6}}, {x, s.constant(DataType::f32, {shape[3]}), s.constant(DataType::f32, {shape[3]})});
      if (seed % 4 == 3) x = s.step(OpKind::softmax, {{"axis", std::int64_t{3}}}, {x});
      ulps = seed % 4 == 3 ? 3 : 0;
    }
    all.add("source " + std::to_string(seed), std::move(s), ulps);
  }
  for (std::uint32_t seed = 0; seed < seeds(12); ++seed) {
    SamplePlan s(seed);
    const std::int64_t n = s.pick(1, 2), heads = s.pick(1, 3), rows = s.pick(1, 9), columns = s.pick(2, 40);
    auto x = s.value(DataType::f32, {n, rows, heads, columns});
    x = s.step(OpKind::transpose, {{"perm", Ints{0, 2, 1, 3}}}, {x});
    x = s.step(OpKind::div, {}, {x, s.constant_of<float>(DataType::f32, {}, {2.5f})});
    x = s.step(OpKind::add, {}, {x, seed % 2 ? s.value(DataType::f32, {n, 1, 1, columns}) : s.constant(DataType::f32, {heads, rows, columns})});
    switch (seed % 4) {
      case 0: x = s.step(OpKind::softmax, {{"axis", std::int64_t{3}}}, {x}); break;
      case 1: x = s.step(OpKind::reduce_mean, {{"axes", Ints{1, 3}}, {"keepdims", std::int64_t{0}}}, {x}); break;
      case 2: x = s.step(OpKind::layer_norm, {{"axis", std::int64_t{2}}, {"eps", 1e-6}}, {x, s.constant(DataType::f32, {rows, columns})}); break;
      default: x = s.step(OpKind::group_norm, {{"groups", heads}, {"eps", 1e-5}}, {x, s.constant(DataType::f32, {heads}), s.constant(DataType::f32, {heads})}); break;
    }
    CHECK(opencl::group_steps(s.finish(), [](const Step&) { return true; }).size() == 1);
    all.add("masked " + std::to_string(seed), std::move(s), seed % 4 == 0 ? 3 : 0);
  }
  CHECK(all.run(*d) == "");
}
