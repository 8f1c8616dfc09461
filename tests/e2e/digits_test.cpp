// The whole road on the shipped network: pictures to profile to artifact to answers.
#include "workspace.h"

using namespace xpuq;
using namespace xpuq::test;

TEST_CASE("digits: int8 is as accurate as float, wholly int8, and the same every time") {
  const Workspace tmp;
  const std::string model = kDigits + "digits.pt2";
  value(calibrate(calibration(model, kDigits + "calib", "unit", tmp / "d.xcal"), {}));
  const CompileResult int8 = value(compile(compilation(model, tmp / "d.xcal", Precision::int8, tmp / "d.int8.xpuq"), {}));
  value(compile(compilation(model, tmp / "d.xcal", Precision::f32, tmp / "d.f32.xpuq"), {}));

  CHECK(int8.coverage.layers_int8 == int8.coverage.layers_total);
  CHECK(int8.coverage.percent() == 100.0);
  CHECK(int8.missed.empty());

  const RunResult f = evaluate_on(tmp / "d.f32.xpuq", kDigits + "test");
  const RunResult q = evaluate_on(tmp / "d.int8.xpuq", kDigits + "test", tmp / "d.f32.xpuq");
  REQUIRE(f.accuracy->images == 797);
  REQUIRE(q.accuracy->images == 797);
  CHECK(f.accuracy->top1 >= 790);
  // Half a point of 797 pictures is 3.98.
  CHECK(q.accuracy->top1 + 3 >= f.accuracy->top1);
  CHECK(q.reference->top1_agreement >= 99.5);
  CHECK(q.reference->sqnr_db >= 25);

  SECTION("two compilations give the same bytes") {
    value(compile(compilation(model, tmp / "d.xcal", Precision::int8, tmp / "again.xpuq"), {}));
    CHECK(contents(tmp / "again.xpuq") == contents(tmp / "d.int8.xpuq"));
    CHECK(!contents(tmp / "again.xpuq").empty());
  }
  SECTION("threads and repetition change no answer") {
    const RunResult one = evaluate_on(tmp / "d.int8.xpuq", kDigits + "test", {}, 1);
    const RunResult two = evaluate_on(tmp / "d.int8.xpuq", kDigits + "test", {}, 2);
    REQUIRE(one.predictions.size() == 797);
    for (std::size_t i = 0; i < one.predictions.size(); ++i) {
      CHECK(one.predictions[i].top[0].index == two.predictions[i].top[0].index);
      CHECK(one.predictions[i].top[0].probability == two.predictions[i].top[0].probability);
      CHECK(one.predictions[i].top[0].probability == q.predictions[i].top[0].probability);
    }
  }
  SECTION("bf16 around the int8 layers, and bf16 alone, answer as float does") {
    const CompileResult mixed = value(compile(compilation(model, tmp / "d.xcal", Precision::int8_bf16, tmp / "mixed.xpuq"), {}));
    CHECK(mixed.coverage.percent() == 100.0);
    const RunResult m = evaluate_on(tmp / "mixed.xpuq", kDigits + "test", tmp / "d.int8.xpuq");
    CHECK(m.reference->top1_agreement >= 99.5);
    CHECK(m.reference->sqnr_db >= 30);
    const CompileResult narrow = value(compile(compilation(model, tmp / "d.xcal", Precision::bf16, tmp / "narrow.xpuq"), {}));
    CHECK(narrow.bytes < 7 * value(compile(compilation(model, tmp / "d.xcal", Precision::f32, tmp / "d.f32.xpuq"), {})).bytes / 10);
    const RunResult b = evaluate_on(tmp / "narrow.xpuq", kDigits + "test", tmp / "d.f32.xpuq");
    CHECK(b.reference->top1_agreement >= 99.5);
    CHECK(b.reference->sqnr_db >= 35);
  }
  SECTION("the embedded self-test passes") {
    RunOptions o;
    o.artifact = tmp / "d.int8.xpuq";
    const SelfTestReport report = value(self_test(o, {}));
    CHECK(report.tests == 1);
    CHECK(report.passed == 1);
  }
  SECTION("a profile made from the .pt2 export fits the ONNX export's graph but not its names' weights") {
    CompileOptions o = compilation(kDigits + "digits.onnx", tmp / "d.xcal", Precision::f32, tmp / "o.xpuq");
    CHECK(compile(o, {}).ok());
  }
  SECTION("an excluded layer is float, reported with its reason, and fails --strict") {
    CompileOptions o = compilation(model, tmp / "d.xcal", Precision::int8, tmp / "x.xpuq");
    REQUIRE(!int8.layers.empty());
    o.recipe.exclude = {int8.layers[0].nodes[0]};
    o.strict = true;
    const CompileResult r = value(compile(o, {}));
    CHECK(r.coverage.layers_int8 + 1 == r.coverage.layers_total);
    REQUIRE(r.missed.size() == 1);
    CHECK(r.missed[0].code == "E602");
    bool found = false;
    for (const LayerReport& row : r.layers) found = found || (!row.int8 && row.wanted && row.reason == "excluded");
    CHECK(found);
  }
}
