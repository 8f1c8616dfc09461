#include "catch.h"
#include "opencl/group.h"
#include "opencl/kernel.h"
#include "sample_plan.h"

using namespace xpuq;
using namespace xpuq::test;

namespace {

const Attributes kQuantize{{"scales", Floats{0.25}}, {"zero_points", Ints{-7}}, {"type", std::string("s8")}};
const Attributes kToF32{{"to", std::string("f32")}};

bool all_own(const Step&) { return true; }
bool no_conv(const Step& s) { return s.op != OpKind::conv; }

std::vector<std::vector<std::uint32_t>> steps_of(const std::vector<opencl::Group>& groups) {
  std::vector<std::vector<std::uint32_t>> out;
  for (const opencl::Group& g : groups) out.push_back(g.steps);
  return out;
}

using Steps = std::vector<std::vector<std::uint32_t>>;

}  // namespace

TEST_CASE("a residual block is one group") {
  SamplePlan s(1);
  const auto a = s.value(DataType::s8, {1, 4, 2, 2}, Layout::plain, per_tensor(0.5f, 0)), b = s.value(DataType::s8, {1, 4, 2, 2}, Layout::plain, per_tensor(0.5f, 0));
  const auto x = s.step(OpKind::dequantize, kToF32, {a}), y = s.step(OpKind::dequantize, kToF32, {b});
  const auto out = s.step(OpKind::quantize, kQuantize, {s.step(OpKind::relu, {}, {s.step(OpKind::add, {}, {x, y})})});
  const auto groups = opencl::group_steps(s.finish(), all_own);
  REQUIRE(groups.size() == 1);
  CHECK(groups[0].steps == std::vector<std::uint32_t>{0, 1, 2, 3, 4});
  CHECK(groups[0].inputs == std::vector<std::uint32_t>{a, b});
  CHECK(groups[0].outputs == std::vector<std::uint32_t>{out});
}

TEST_CASE("a value with readers in two groups, and a model output, end their groups") {
  SamplePlan s(1);
  const auto x = s.value(DataType::f32, {8});
  const auto shared = s.step(OpKind::relu, {}, {x});
  const auto left = s.step(OpKind::abs, {}, {shared});
  s.step(OpKind::neg, {}, {shared});
  Plan plan = s.finish();
  plan.outputs = {left, left + 1};
  CHECK(steps_of(opencl::group_steps(plan, all_own)) == Steps{{0}, {1}, {2}});

  // Both readers in one group: the value stays inside.
  SamplePlan t(1);
  const auto y = t.step(OpKind::relu, {}, {t.value(DataType::f32, {8})});
  t.step(OpKind::mul, {}, {t.step(OpKind::abs, {}, {y}), y});
  plan = t.finish();
  CHECK(steps_of(opencl::group_steps(plan, all_own)) == Steps{{0, 1, 2}});
  plan.outputs.push_back(y);
  CHECK(steps_of(opencl::group_steps(plan, all_own)) == Steps{{0}, {1, 2}});
}

TEST_CASE("steps of another library stand alone and split groups") {
  SamplePlan s(1);
  const auto x = s.step(OpKind::relu, {}, {s.value(DataType::f32, {1, 2, 3, 3})});
  const Attributes conv{{"strides", Ints{1, 1}}, {"pads_begin", Ints{0, 0}}, {"pads_end", Ints{0, 0}}, {"dilations", Ints{1, 1}}, {"groups", std::int64_t{1}}};
  const auto y = s.step(OpKind::conv, conv, {x, s.constant(DataType::f32, {2, 2, 1, 1})});
  s.step(OpKind::neg, {}, {s.step(OpKind::abs, {}, {y})});
  CHECK(steps_of(opencl::group_steps(s.finish(), no_conv)) == Steps{{0}, {1}, {2, 3}});
}

TEST_CASE("what costs much is not repeated for every element of a broadcast") {
  const auto gate = [](OpKind op, const Attributes& a) {
    SamplePlan s(1);
    const auto g = s.step(op, a, {s.value(DataType::f32, {1, 4, 1, 1})});
    s.step(OpKind::mul, {}, {s.value(DataType::f32, {1, 4, 3, 3}), g});
    return steps_of(opencl::group_steps(s.finish(), all_own));
  };
  CHECK(gate(OpKind::sigmoid, {}) == Steps{{0}, {1}});
  CHECK(gate(OpKind::hardsigmoid, {{"alpha", 0.2}, {"beta", 0.5}}) == Steps{{0, 1}});
}

TEST_CASE("moves join where strides find the elements") {
  const auto heads = [](const Ints& shape, const Ints& back) {
    SamplePlan s(1);
    auto x = s.step(OpKind::reshape, {{"shape", shape}}, {s.value(DataType::f32, {6, 8})});
    x = s.step(OpKind::transpose, {{"perm", Ints{1, 0, 2}}}, {x});
    s.step(OpKind::reshape, {{"shape", back}}, {s.step(OpKind::neg, {}, {x})});
    return steps_of(opencl::group_steps(s.finish(), all_own));
  };
  CHECK(heads({6, 2, 4}, {2, 24}) == Steps{{0, 1, 2, 3}});
  CHECK(heads({6, 2, 4}, {12, 4}) == Steps{{0, 1, 2, 3}});
  // Rows of 16 begin in the middle of rows of 24.
  CHECK(heads({6, 2, 4}, {3, 16}) == Steps{{0, 1, 2}, {3}});
}

TEST_CASE("pointwise steps before and behind a row operation join it") {
  const auto groups = [](bool broadcast, bool shared) {
    SamplePlan s(1);
    const auto square = s.step(OpKind::mul, {}, {s.value(DataType::f32, {4, 8}), s.value(DataType::f32, broadcast ? Shape{8} : Shape{4, 8})});
    const auto sum = s.step(OpKind::reduce_sum, {{"axes", Ints{1}}, {"keepdims", std::int64_t{1}}}, {square});
    auto out = s.step(OpKind::clip, {{"min", 1e-6}, {"max", 1e6}}, {s.step(OpKind::sqrt, {}, {sum})});
    if (shared) out = s.step(OpKind::div, {}, {square, out});
    return steps_of(opencl::group_steps(s.finish(), all_own));
  };
  CHECK(groups(false, false) == Steps{{0, 1, 2, 3}});
  CHECK(groups(true, false) == Steps{{0, 1, 2, 3}});
  CHECK(groups(false, true) == Steps{{0}, {1, 2}, {3, 4}});
}
