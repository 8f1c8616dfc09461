// The memory planner against the verifier, and the verifier against plans that are broken on purpose.
#include <functional>
#include <random>

#include "catch.h"
#include "ir/text.h"
#include "lower/lower.h"
#include "plan/memory.h"
#include "plan/text.h"
#include "plan/verify.h"

using namespace xpuq;

namespace {

Plan chain() {
  auto g = parse_graph(R"(graph (%x: f32[1,16]) {
    %a = relu(%x) %b = exp(%a) %c = neg(%b) %d = add(%a, %c) %e = reshape(%d) {shape=[16]} %f = abs(%e) return %f })", "chain");
  REQUIRE(g.ok());
  auto lowered = lower(*g);
  REQUIRE(lowered.ok());
  return std::move(lowered->plan);
}

}  // namespace

TEST_CASE("a lowered chain reuses memory and is sound") {
  const Plan plan = chain();
  REQUIRE(verify(plan).empty());
  CHECK(plan.steps.size() == 6);
  // a lives until the sum; b, c and d share with what is dead; e is written over d.
  CHECK(plan.arena_bytes == 3 * 64);
  CHECK(plan.steps[4].in_place == 0u);
  CHECK(plan.values[plan.steps[4].outputs[0]].offset == plan.values[plan.steps[4].inputs[0]].offset);
}

TEST_CASE("a plan prints its values, places and steps") {
  const std::string text = to_text(chain());
  CHECK_THAT(text, ContainsSubstring("plan: arena 192 bytes"));
  CHECK_THAT(text, ContainsSubstring("$0 f32 1x16 input  \"x\""));
  CHECK_THAT(text, ContainsSubstring("step 4: $5 = reshape($4) {shape=[16]} in place of input 0"));
}

TEST_CASE("random graphs are planned without overlap") {
  std::size_t planned = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    std::mt19937_64 rnd(seed);
    std::string text = "graph (%v0: f32[64]) {\n";
    const int n = 5 + static_cast<int>(rnd() % 40);
    for (int i = 1; i <= n; ++i) {
      const auto pick = [&] { return std::to_string(rnd() % static_cast<std::uint64_t>(i)); };
      const std::string v = "%v" + std::to_string(i);
      if (rnd() % 2) text += v + " = add(%v" + pick() + ", %v" + pick() + ")\n";
      else text += v + " = relu(%v" + pick() + ")\n";
    }
    text += "return %v" + std::to_string(n) + " }";
    auto g = parse_graph(text, "random");
    REQUIRE(g.ok());
    auto lowered = lower(*g);
    REQUIRE(lowered.ok());
    INFO(text);
    CHECK(verify(lowered->plan) == "");
    ++planned;
  }
  CHECK(planned == 40);
}

TEST_CASE("the verifier finds each kind of broken plan") {
  struct Case {
    const char* defect;
    std::function<void(Plan&)> breakit;
    const char* says;
  };
  const auto value_of = [](Plan& p, std::size_t step) -> PlanValue& { return p.values[p.steps[step].outputs[0]]; };
  const Case cases[] = {
      {"index out of range", [](Plan& p) { p.steps[0].inputs[0] = 999; }, "does not exist"},
      {"read before write", [](Plan& p) { std::swap(p.steps[0], p.steps[1]); }, "before it is written"},
      {"written twice", [](Plan& p) { p.steps[1].outputs[0] = p.steps[0].outputs[0]; }, "a second time"},
      {"wrong type", [&](Plan& p) { value_of(p, 0).type.dtype = DataType::s32; }, "another type"},
      {"wrong shape", [&](Plan& p) { value_of(p, 0).type.shape = {1, 8}; }, "another type"},
      {"impossible shape", [&](Plan& p) { value_of(p, 0).type.shape = {std::int64_t{1} << 61, 8}; }, "impossible shape"},
      {"offset outside", [&](Plan& p) { value_of(p, 1).offset = p.arena_bytes; }, "outside its area"},
      {"offset overflow", [&](Plan& p) { value_of(p, 1).offset = ~std::uint64_t{63}; }, "outside its area"},
      {"misaligned", [&](Plan& p) { value_of(p, 1).offset = 4; }, "not aligned"},
      {"overlap", [&](Plan& p) { value_of(p, 1).offset = value_of(p, 0).offset; }, "still to be read"},
      {"input written", [](Plan& p) { p.steps[0].outputs[0] = p.inputs[0]; }, "read-only"},
      {"output never written", [](Plan& p) { p.steps.pop_back(); }, "never written"},
      {"output is no output", [](Plan& p) { p.outputs[0] = p.steps[0].outputs[0]; }, "no output value"},
      {"in place of nothing", [](Plan& p) { p.steps[4].in_place = 7; }, "in place of an input that it has not"},
      {"in place elsewhere", [](Plan& p) { p.steps[5].in_place = 0; }, "not the same bytes"},
      {"observer in a plan", [](Plan& p) { p.steps[0].op = OpKind::observe; }, "must not be in a plan"},
      {"bad attribute", [](Plan& p) { p.steps[4].attributes.set("shape", Ints{17}); }, "breaks its rules"},
      {"channels-last of rank 2", [&](Plan& p) { value_of(p, 0).type.layout = Layout::channels_last; }, "channels-last"},
      {"scale not positive", [&](Plan& p) { value_of(p, 0).type = {DataType::s8, {1, 16}, Layout::plain, QuantParams{{0.0f}, {0}, {}}}; }, "scale"},
      {"input twice", [](Plan& p) { p.inputs.push_back(p.inputs[0]); }, "listed twice"},
  };
  for (const Case& c : cases) {
    Plan plan = chain();
    c.breakit(plan);
    INFO(c.defect);
    CHECK_THAT(verify(plan), ContainsSubstring(c.says));
  }
}
