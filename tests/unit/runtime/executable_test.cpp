// What an executable does around its steps: s8 at its borders, values that are several outputs, profiling, errors.
#include <cstring>

#include "catch.h"
#include "runtime/engine.h"

using namespace xpuq;

namespace {

std::shared_ptr<Engine> cpu() {
  auto engine = load_engine("cpu");
  if (!engine.ok()) FAIL(engine.error().text());
  return *engine;
}

PlanValue at(TensorType type, Place place, std::uint64_t offset = 0) { return {"", std::move(type), place, offset}; }
TensorType f32(Shape shape) { return {DataType::f32, std::move(shape), Layout::plain, {}}; }
TensorType s8(Shape shape, float scale, int zero_point) {
  return {DataType::s8, std::move(shape), Layout::plain, QuantParams{{scale}, {zero_point}, {}}};
}

}  // namespace

TEST_CASE("runtime: engine names itself") {
  CHECK_THAT(cpu()->library(), ContainsSubstring("oneDNN 3."));
  CHECK(!cpu()->device_name().empty());
  const auto none = load_engine("nowhere");
  REQUIRE(!none.ok());
  CHECK(none.error().code == "E503");
}

TEST_CASE("runtime: s8 inputs and outputs keep their codes, a value may be two outputs") {
  Plan plan;
  plan.values = {at(s8({1, 2, 2, 2}, 0.5f, -3), Place::input), at(s8({1, 2, 2, 2}, 0.5f, -3), Place::output)};
  plan.inputs = {0};
  plan.outputs = {1, 1, 0};
  plan.steps = {{OpKind::reshape, {{"shape", Ints{1, 2, 2, 2}}}, {0}, {1}, {}, {}}};
  auto executable = cpu()->load(plan, {});
  REQUIRE(executable.ok());
  const std::int8_t in[8] = {-128, -3, 0, 1, 127, 5, -77, 64};
  std::int8_t a[8] = {}, b[8] = {}, c[8] = {};
  const void* inputs[] = {in};
  void* outputs[] = {a, b, c};
  REQUIRE((*executable)->run(inputs, outputs).ok());
  for (const std::int8_t* out : {a, b, c}) CHECK(std::memcmp(out, in, sizeof in) == 0);
}

TEST_CASE("runtime: profiling counts runs") {
  Plan plan;
  plan.values = {at(f32({4}), Place::input), at(f32({4}), Place::arena, 0), at(f32({4}), Place::output)};
  plan.inputs = {0};
  plan.outputs = {2};
  plan.arena_bytes = 64;
  plan.steps = {{OpKind::relu, {}, {0}, {1}, {}, {}}, {OpKind::neg, {}, {1}, {2}, {}, {}}};
  EngineOptions options;
  options.profile = true;
  auto executable = cpu()->load(plan, options);
  REQUIRE(executable.ok());
  const float in[4] = {-1, 2, -3, 4};
  float out[4];
  const void* inputs[] = {in};
  void* outputs[] = {out};
  REQUIRE((*executable)->run(inputs, outputs).ok());
  REQUIRE((*executable)->run(inputs, outputs).ok());
  const auto* middle = static_cast<const float*>((*executable)->value_bytes(1));
  CHECK(middle[0] == 0);
  CHECK(middle[3] == 4);
  CHECK(out[1] == -2);
  CHECK((*executable)->steps()[1].runs == 2);
}

TEST_CASE("runtime: an index out of range is an error that names the node") {
  Plan plan;
  TensorType index{DataType::s64, {1}, Layout::plain, {}};
  plan.values = {at(f32({3}), Place::input), at(index, Place::input), at(f32({1}), Place::output)};
  plan.inputs = {0, 1};
  plan.outputs = {2};
  plan.steps = {{OpKind::gather, {{"axis", std::int64_t{0}}}, {0, 1}, {2}, {"embedding"}, {}}};
  auto executable = cpu()->load(plan, {});
  REQUIRE(executable.ok());
  const float in[3] = {1, 2, 3};
  const std::int64_t at_seven[1] = {7}, at_one[1] = {1};
  float out[1];
  const void* bad[] = {in, at_seven};
  const void* good[] = {in, at_one};
  void* outputs[] = {out};
  const auto failed = (*executable)->run(bad, outputs);
  REQUIRE(!failed.ok());
  CHECK(failed.error().code == "E101");
  CHECK(failed.error().node == "embedding");
  REQUIRE((*executable)->run(good, outputs).ok());
  CHECK(out[0] == 2);
}
