#include "device_check.h"

using namespace xpuq;
using namespace xpuq::test;

namespace {

QuantParams channels(SamplePlan& s, std::int64_t count) {
  QuantParams q{{}, {}, 0};
  for (std::int64_t i = 0; i < count; ++i) {
    q.scales.push_back(0.001f * static_cast<float>(s.pick(1, 50)));
    q.zero_points.push_back(0);
  }
  return q;
}

/// Post-ops of exact operations, the sum among them for odd seeds.
Attributes with_post_ops(Attributes a, std::uint32_t seed, bool to_codes) {
  if (seed % 2) a.set("post_ops", Strings{"sum", "relu"});
  else if (seed % 3 == 0) a.set("post_ops", Strings{"clip"}).set("post_alpha", Floats{0.0}).set("post_beta", Floats{6.0});
  if (to_codes) a.set("dst_scale", 0.043).set("dst_zero_point", std::int64_t{-11});
  return a;
}

}  // namespace

TEST_CASE("plain kernels of weighted operations equal the interpreter") {
  Device* d = device_or_skip();
  if (d == nullptr) return;
  Comparison all;
  for (std::uint32_t seed = 0; seed < seeds(12); ++seed) {
    SamplePlan s(seed);
    const bool codes = seed % 3 != 2;
    const std::int64_t groups = s.pick(1, 2), ic = s.pick(1, 3), oc = s.pick(1, 4) * groups;
    const Layout l = any_layout(s);
    const Shape shape{s.pick(1, 2), ic * groups, s.pick(3, 7), s.pick(3, 7)}, kernel{oc, ic, s.pick(1, 3), s.pick(1, 3)};
    std::vector<std::uint32_t> in{s.value(codes ? DataType::s8 : DataType::f32, shape, l, codes ? std::optional(per_tensor(0.03f, 9)) : std::nullopt),
                                  s.constant(codes ? DataType::s8 : DataType::f32, kernel, codes ? std::optional(channels(s, oc)) : std::nullopt)};
    in.push_back(s.constant(DataType::f32, {oc}));
    const Ints pads{s.pick(0, 1), s.pick(0, 1)}, strides{s.pick(1, 2), s.pick(1, 2)};
    Attributes a{{"strides", strides}, {"pads_begin", pads}, {"pads_end", pads}, {"dilations", Ints{1, 1}}, {"groups", groups}};
    if (seed % 2) {
      const Shape out{shape[0], oc, (shape[2] + 2 * pads[0] - kernel[2]) / strides[0] + 1, (shape[3] + 2 * pads[1] - kernel[3]) / strides[1] + 1};
      in.push_back(seed % 4 == 1 ? s.value(DataType::f32, out, l) : s.value(DataType::s8, out, l, per_tensor(0.05f, 1)));
    }
    s.step(OpKind::conv, with_post_ops(a, seed, seed % 4 < 2), in, l);
    all.add("conv " + std::to_string(seed), std::move(s));
  }
  for (std::uint32_t seed = 0; seed < seeds(8); ++seed) {
    SamplePlan s(seed);
    const bool codes = seed % 3 != 2;
    const std::int64_t rows = s.pick(1, 5), k = s.pick(1, 40), n = s.pick(1, 9);
    std::vector<std::uint32_t> in{s.value(codes ? DataType::s8 : DataType::bf16, {rows, k}, Layout::plain, codes ? std::optional(per_tensor(0.03f, 9)) : std::nullopt),
                                  s.constant(codes ? DataType::s8 : DataType::bf16, {n, k}, codes ? std::optional(channels(s, n)) : std::nullopt),
                                  s.constant(DataType::f32, {n})};
    if (seed % 2) in.push_back(s.value(DataType::f32, {rows, n}));
    s.step(OpKind::linear, with_post_ops({}, seed, seed % 4 < 2), in);
    all.add("linear " + std::to_string(seed), std::move(s));
  }
  for (std::uint32_t seed = 0; seed < seeds(6); ++seed) {
    SamplePlan s(seed);
    const std::int64_t m = s.pick(1, 5), k = s.pick(1, 20), n = s.pick(1, 6), b = s.pick(1, 3);
    const auto x = s.value(DataType::f32, {seed % 2 ? 1 : 2, b, m, k}), y = s.value(DataType::f32, seed % 3 == 0 ? Shape{k, n} : Shape{b, k, n});
    s.step(OpKind::matmul, {}, {x, y});
    all.add("matmul " + std::to_string(seed), std::move(s));
  }
  for (std::uint32_t seed = 0; seed < seeds(6); ++seed) {
    SamplePlan s(seed);
    const std::int64_t groups = s.pick(1, 2), ic = s.pick(1, 3), oc = s.pick(1, 3);
    const Layout l = any_layout(s);
    const auto x = s.value(DataType::f32, {1, ic * groups, s.pick(2, 5), s.pick(2, 5)}, l);
    const auto w = s.constant(DataType::f32, {ic * groups, oc, s.pick(1, 3), s.pick(2, 3)});
    s.step(OpKind::conv_transpose, {{"strides", Ints{s.pick(1, 2), 2}}, {"pads_begin", Ints{0, 1}}, {"pads_end", Ints{0, 0}}, {"dilations", Ints{1, 1}}, {"output_padding", Ints{0, 1}}, {"groups", groups}}, {x, w, s.constant(DataType::f32, {oc * groups})}, l);
    all.add("conv_transpose " + std::to_string(seed), std::move(s));
  }
  CHECK(all.run(*d) == "");
  CHECK(all.compared() > 500);
}
