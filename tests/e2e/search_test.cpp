// Tuning on pictures, and the search for what int8 needs to meet a target.
#include "workspace.h"

using namespace xpuq;
using namespace xpuq::test;

namespace {

/// The network of the digits with its weights per tensor: something to win back.
CompileOptions coarse(const Workspace& tmp, const std::string& output) {
  if (!std::filesystem::exists(tmp / "p.xcal")) {
    CalibrateOptions c = calibration(kDigits + "digits.pt2", kDigits + "calib", "unit", tmp / "p.xcal");
    value(calibrate(c, {}));
  }
  CompileOptions o = compilation(kDigits + "digits.pt2", tmp / "p.xcal", Precision::int8, tmp / output);
  o.recipe.per_channel_weights = false;
  o.recipe.method = "minmax";
  return o;
}

double sqnr_of(const Workspace& tmp, const std::string& artifact) {
  if (!std::filesystem::exists(tmp / "f32.xpuq")) value(compile(compilation(kDigits + "digits.pt2", tmp / "p.xcal", Precision::f32, tmp / "f32.xpuq"), {}));
  return evaluate_on(tmp / artifact, kDigits + "calib", tmp / "f32.xpuq").reference->sqnr_db;
}

SearchOptions target(double db) {
  SearchOptions s;
  s.min_output_sqnr = db;
  s.validate = {kDigits + "calib"};
  return s;
}

}  // namespace

TEST_CASE("adaptive rounding and bias correction bring the output nearer to float") {
  const Workspace tmp;
  CompileOptions o = coarse(tmp, "plain.xpuq");
  value(compile(o, {}));
  o.calibration = {kDigits + "calib"};
  o.output = tmp / "fitted.xpuq";
  o.fitting = {.equalize = false, .bias_correction = true, .adaptive_rounding = true};
  const CompileResult fitted = value(compile(o, {}));
  CHECK(fitted.coverage.percent() == 100.0);
  CHECK(sqnr_of(tmp, "fitted.xpuq") > sqnr_of(tmp, "plain.xpuq") + 1);

  o.output = tmp / "again.xpuq";
  o.threads = 1;
  value(compile(o, {}));
  CHECK(contents(tmp / "again.xpuq") == contents(tmp / "fitted.xpuq"));
}

TEST_CASE("the search meets a target that int8 alone misses, with few layers in float") {
  const Workspace tmp;
  CompileOptions o = coarse(tmp, "m.xpuq");
  value(compile(o, {}));
  const double plain = sqnr_of(tmp, "m.xpuq");
  o.search = target(plain + 6);
  const CompileResult r = value(compile(o, {}));
  REQUIRE(r.search.has_value());
  CHECK(r.search->met);
  CHECK(r.missed.empty());
  REQUIRE(r.search->steps.size() > 1);
  CHECK(r.search->steps[0].evaluation.sqnr_db == Approx(plain).margin(0.01));
  const Evaluation& best = r.search->steps[r.search->best].evaluation;
  CHECK(best.sqnr_db >= plain + 6);
  CHECK(best.int8_percent == Approx(r.coverage.percent()));
  CHECK(r.coverage.layers_int8 < r.coverage.layers_total);
  CHECK(r.coverage.layers_int8 > 0);
  CHECK(sqnr_of(tmp, "m.xpuq") == Approx(best.sqnr_db).margin(0.01));
  for (const LayerReport& row : r.layers)
    if (!row.int8) CHECK(row.reason == "min-sqnr");
  CHECK_FALSE(std::filesystem::exists(tmp / "m.xpuq.search"));
}

TEST_CASE("a target out of reach: the best artifact, and the error of a missed target") {
  const Workspace tmp;
  CompileOptions o = coarse(tmp, "m.xpuq");
  o.search = target(250);
  o.search.max_evaluations = 3;
  const CompileResult r = value(compile(o, {}));
  CHECK(r.search->steps.size() == 3);
  REQUIRE(r.missed.size() == 1);
  CHECK(r.missed[0].exit_code() == 6);
  CHECK(std::filesystem::exists(tmp / "m.xpuq"));
}

TEST_CASE("an interrupted search goes on to the same artifact and evaluates nothing twice") {
  const Workspace tmp;
  CompileOptions o = coarse(tmp, "whole.xpuq");
  o.search = target(200);
  o.search.max_evaluations = 4;
  value(compile(o, {}));

  o.output = tmp / "part.xpuq";
  Reporter stop;
  std::uint64_t evaluations = 0;
  stop.progress = [&](std::string_view stage, std::uint64_t done, auto) { evaluations = stage == "search" ? done : evaluations; };
  stop.interrupted = [&] { return evaluations == 2 ? 2 : 0; };
  const auto stopped = compile(o, stop);
  REQUIRE_FALSE(stopped.ok());
  CHECK(stopped.error().exit_code() == 130);
  CHECK_THAT(stopped.error().text(), ContainsSubstring("--resume"));
  CHECK_FALSE(std::filesystem::exists(tmp / "part.xpuq"));
  REQUIRE(std::filesystem::exists(tmp / "part.xpuq.search"));

  o.search.resume = true;
  SECTION("with --resume") {
    value(compile(o, {}));
    CHECK(contents(tmp / "part.xpuq") == contents(tmp / "whole.xpuq"));
  }
  SECTION("not with other options") {
    o.recipe.exclude = {"head"};
    const auto other = compile(o, {});
    REQUIRE_FALSE(other.ok());
    CHECK(other.error().code == "E408");
  }
  SECTION("not when it is damaged") {
    std::filesystem::resize_file(tmp / "part.xpuq.search", 60);
    const auto damaged = compile(o, {});
    REQUIRE_FALSE(damaged.ok());
    CHECK(damaged.error().code == "E408");
  }
}

TEST_CASE("--drop needs labels and counts right answers") {
  const Workspace tmp;
  CompileOptions o = coarse(tmp, "m.xpuq");
  o.search.drop = 0.5;
  o.search.validate = {kDigits + "calib/3"};
  const auto refused = compile(o, {});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == "E205");
  o.search.validate = {kDigits + "calib"};
  const CompileResult r = value(compile(o, {}));
  CHECK(r.search->met);
  CHECK(r.search->float_top1 > 95);
  CHECK(r.search->steps[r.search->best].evaluation.top1 >= r.search->float_top1 - 0.5);
}
