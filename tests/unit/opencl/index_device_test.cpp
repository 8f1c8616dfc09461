#include "device_check.h"

using namespace xpuq;
using namespace xpuq::test;

TEST_CASE("gathers, scatters and lines equal the interpreter") {
  Device* d = device_or_skip();
  if (d == nullptr) return;
  Comparison all;
  for (std::uint32_t seed = 0; seed < seeds(9); ++seed) {
    SamplePlan s(seed);
    const DataType type = seed % 3 == 0 ? DataType::f32 : seed % 3 == 1 ? DataType::bf16 : DataType::s8;
    const Shape shape{s.pick(2, 5), s.pick(2, 9), seed % 2 ? 16 : s.pick(1, 7)};
    const auto x = s.value(type, shape);
    const std::int64_t axis = s.pick(0, 2);
    s.step(OpKind::gather, {{"axis", axis}}, {x, s.indices({s.pick(1, 4), s.pick(1, 3)}, -shape[axis], shape[axis] - 1)});
    all.add("gather", std::move(s));
  }
  for (std::uint32_t seed = 0; seed < seeds(6); ++seed) {
    SamplePlan s(seed);
    const Shape shape{s.pick(2, 5), s.pick(2, 9), s.pick(2, 7)};
    const auto x = s.value(DataType::f32, shape);
    const std::int64_t axis = s.pick(0, 2);
    Shape some{s.pick(1, shape[0]), s.pick(1, shape[1]), s.pick(1, shape[2])};
    some[axis] = s.pick(1, 12);
    s.step(OpKind::gather_elements, {{"axis", axis}}, {x, s.indices(some, -shape[axis], shape[axis] - 1)});
    all.add("gather_elements", std::move(s));
  }
  for (std::uint32_t seed = 0; seed < seeds(6); ++seed) {
    SamplePlan s(seed);
    const std::int64_t batch = seed % 2, depth = s.pick(1, 2);
    const Shape shape{s.pick(2, 4), s.pick(2, 5), s.pick(2, 5), 8};
    const auto x = s.value(DataType::f32, shape);
    const auto i = s.indices(batch ? Shape{shape[0], s.pick(1, 5), depth} : Shape{s.pick(1, 6), depth}, -2, 1);
    s.step(OpKind::gather_nd, {{"batch_dims", batch}}, {x, i});
    all.add("gather_nd", std::move(s));
  }
  const char* reductions[] = {"none", "add", "mul", "min", "max"};
  for (std::uint32_t seed = 0; seed < seeds(10); ++seed) {
    SamplePlan s(seed);
    const DataType type = seed % 3 == 0 ? DataType::f32 : seed % 3 == 1 ? DataType::bf16 : DataType::s32;
    const Shape shape{s.pick(2, 5), s.pick(2, 9), s.pick(2, 7)};
    const auto x = s.value(type, shape);
    if (seed < 5) {
      const std::int64_t axis = s.pick(0, 2);
      Shape some{s.pick(1, shape[0]), s.pick(1, shape[1]), s.pick(1, shape[2])};
      some[axis] = s.pick(1, 12);
      const auto i = s.indices(some, -shape[axis], shape[axis] - 1);
      s.step(OpKind::scatter_elements, {{"axis", axis}, {"reduction", word(reductions[seed % 5])}}, {x, i, s.value(type, some)});
    } else {
      const auto i = s.indices({7, 2}, -2, 1);
      s.step(OpKind::scatter_nd, {{"reduction", word(reductions[seed % 5])}}, {x, i, s.value(type, {7, shape[2]})});
    }
    all.add("scatter", std::move(s));
  }
  for (std::uint32_t seed = 0; seed < seeds(12); ++seed) {
    SamplePlan s(seed);
    const DataType type = seed % 4 == 3 ? DataType::s32 : seed % 4 == 2 ? DataType::bf16 : DataType::f32;
    const Shape shape{s.pick(1, 3), s.pick(2, 40), s.pick(1, 5)};
    const auto x = s.value(type, shape);
    if (seed % 2 == 0) {
      s.step(OpKind::cumsum, {{"axis", s.pick(0, 2)}, {"exclusive", s.pick(0, 1)}, {"reverse", s.pick(0, 1)}}, {x});
    } else {
      const std::int64_t axis = s.pick(0, 2);
      s.step(OpKind::topk, {{"axis", axis}, {"k", s.pick(1, shape[axis])}, {"largest", s.pick(0, 1)}}, {x});
    }
    all.add("line", std::move(s));
  }
  for (std::uint32_t seed = 0; seed < seeds(6); ++seed) {
    SamplePlan s(seed);
    const Layout l = any_layout(s);
    const auto x = s.value(DataType::s8, {1, s.pick(1, 2) * 4, s.pick(3, 7), s.pick(3, 7)}, l, per_tensor(0.1f, 2));
    s.step(OpKind::pad, {{"begin", Ints{0, 0, s.pick(0, 2), s.pick(0, 2)}}, {"end", Ints{0, 0, s.pick(0, 2), s.pick(0, 2)}}, {"mode", word(seed % 2 ? "edge" : "reflect")}, {"value", 0.0}}, {x}, l);
    all.add("mirror", std::move(s));
  }
  CHECK(all.run(*d) == "");
  CHECK(all.compared() > 500);
}

TEST_CASE("resize and grid_sample equal the interpreter") {
  Device* d = device_or_skip();
  if (d == nullptr) return;
  Comparison all;
  const char* coordinates[] = {"half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "half_pixel_symmetric"};
  const char* nearest[] = {"floor", "ceil", "round_prefer_floor", "round_prefer_ceil"};
  for (std::uint32_t seed = 0; seed < seeds(20); ++seed) {
    SamplePlan s(seed);
    const char* mode = seed % 3 == 0 ? "nearest" : seed % 3 == 1 ? "linear" : "cubic";
    const DataType type = seed % 3 == 0 ? (seed % 2 ? DataType::s8 : DataType::f32) : seed % 5 == 0 ? DataType::bf16 : DataType::f32;
    const Layout l = any_layout(s);
    const Shape shape{1, s.pick(1, 3) * (seed % 2 ? 4 : 1), s.pick(2, 6), s.pick(2, 6)};
    const auto x = s.value(type, shape, l, type == DataType::s8 ? std::optional(per_tensor(0.1f, 2)) : std::nullopt);
    const Ints sizes{shape[0], shape[1], s.pick(1, 9), seed % 4 == 0 ? shape[3] : s.pick(2, 9)};
    Floats scales;
    for (int i = 0; i < 4; ++i) scales.push_back(static_cast<double>(sizes[i]) / static_cast<double>(shape[i]));
    s.step(OpKind::resize, {{"mode", word(mode)}, {"coordinates", word(coordinates[seed % 5])}, {"nearest_mode", word(nearest[seed % 4])}, {"sizes", sizes}, {"scales", scales}}, {x}, l);
    all.add("resize " + std::to_string(seed), std::move(s));
  }
  const char* modes[] = {"nearest", "linear", "cubic"};
  const char* paddings[] = {"zeros", "border", "reflection"};
  for (std::uint32_t seed = 0; seed < seeds(12); ++seed) {
    SamplePlan s(seed);
    const auto x = s.value(DataType::f32, {2, 2, s.pick(2, 6), s.pick(2, 6)});
    const auto g = s.value(DataType::f32, {2, s.pick(1, 5), s.pick(1, 5), 2});
    s.step(OpKind::grid_sample, {{"mode", word(modes[seed % 3])}, {"padding", word(paddings[seed / 3 % 3])}, {"align_corners", std::int64_t{seed % 2}}}, {x, g});
    all.add("grid_sample " + std::to_string(seed), std::move(s));
  }
  CHECK(all.run(*d) == "");
}
