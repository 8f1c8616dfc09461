#include "sample_artifact.h"
#include "catch.h"

namespace xpuq {
namespace {

using namespace artifact_test;

Tensor only_input(TensorType type, std::uint64_t seed) {
  PlanBuilder b;
  b.value(Place::input, "", std::move(type));
  return selftest_inputs(b.take(), seed).at(0);
}

template <class T>
std::vector<T> first_four(const Tensor& t) {
  return {t.span<T>().begin(), t.span<T>().begin() + 4};
}

}  // namespace

TEST_CASE("self-test inputs are the numbers of pt2e-semantics 2.7", "[artifact]") {
  const Tensor t = only_input(f32({1000}), 1);
  CHECK(t.data<float>()[0] == -0.527089f);
  CHECK(t.data<float>()[1] == -0.261458755f);
  CHECK(t.data<float>()[2] == 0.00848400593f);
  CHECK(t.data<float>()[3] == 0.409766436f);
  for (const float v : t.span<float>()) REQUIRE((v >= -1 && v < 1));
}

TEST_CASE("self-test inputs of every type", "[artifact]") {
  // States of seed 1: 0x3C88596C, 0x5E8885DB, 0x8116017E, 0xB4733AC5.
  const QuantParams q{{1.0f}, {0}, {}};
  CHECK(first_four<double>(only_input({DataType::f64, {4}, Layout::plain, {}}, 1))[0] ==
        static_cast<double>(-0.527089f));
  // Upper bytes 60, 94, 129, 180 as k / 128 - 1: -0.53125, -0.265625, 0.0078125, 0.40625.
  CHECK(first_four<std::uint16_t>(only_input({DataType::bf16, {4}, Layout::plain, {}}, 1)) ==
        std::vector<std::uint16_t>{0xBF08, 0xBE88, 0x3C00, 0x3ED0});
  CHECK(first_four<std::uint16_t>(only_input({DataType::f16, {4}, Layout::plain, {}}, 1)) ==
        std::vector<std::uint16_t>{0xB840, 0xB440, 0x2000, 0x3680});
  CHECK(first_four<std::int8_t>(only_input({DataType::s8, {4}, Layout::plain, q}, 1)) ==
        std::vector<std::int8_t>{60, 94, -127, -76});
  CHECK(first_four<std::uint8_t>(only_input({DataType::u8, {4}, Layout::plain, q}, 1)) ==
        std::vector<std::uint8_t>{60, 94, 129, 180});
  CHECK(first_four<std::int64_t>(only_input({DataType::s64, {4}, Layout::plain, {}}, 1)) ==
        std::vector<std::int64_t>{0, 0, 1, 1});
  CHECK(first_four<std::int32_t>(only_input({DataType::s32, {4}, Layout::plain, {}}, 1)) ==
        std::vector<std::int32_t>{0, 0, 1, 1});
  CHECK(first_four<std::int16_t>(only_input({DataType::s16, {4}, Layout::plain, {}}, 1)) ==
        std::vector<std::int16_t>{0, 0, 1, 1});
  CHECK(first_four<std::uint8_t>(only_input({DataType::u8, {4}, Layout::plain, {}}, 1)) ==
        std::vector<std::uint8_t>{0, 0, 1, 1});
  CHECK(first_four<std::int8_t>(only_input({DataType::s8, {4}, Layout::plain, {}}, 1)) ==
        std::vector<std::int8_t>{0, 0, 1, 1});
  CHECK(first_four<std::uint8_t>(only_input({DataType::boolean, {4}, Layout::plain, {}}, 1)) ==
        std::vector<std::uint8_t>{0, 0, 1, 1});
}

TEST_CASE("one stream runs over all inputs, and both halves of the seed count", "[artifact]") {
  PlanBuilder b;
  b.value(Place::input, "", f32({2}));
  b.value(Place::input, "", f32({0}));
  b.value(Place::input, "", f32({}));
  const Plan plan = b.take();
  const auto inputs = selftest_inputs(plan, 1);
  REQUIRE(inputs.size() == 3);
  CHECK(inputs[2].data<float>()[0] == 0.00848400593f);
  CHECK(selftest_inputs(plan, std::uint64_t{1} << 32)[0].data<float>()[0] == inputs[0].data<float>()[0]);
  CHECK(selftest_inputs(plan, 2)[0].data<float>()[0] != inputs[0].data<float>()[0]);
}

}  // namespace xpuq
