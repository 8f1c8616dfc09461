// What int8 costs each value and layer, and the layers that go back to float for it.
#include <algorithm>

#include "workspace.h"

using namespace xpuq;
using namespace xpuq::test;

namespace {

CalibrateOptions with_sqnr(const std::string& output) {
  CalibrateOptions o = calibration(kDigits + "digits.pt2", kDigits + "calib", "unit", output);
  o.images = 32;
  o.sqnr_samples = 3;
  return o;
}

}  // namespace

TEST_CASE("every value and layer gets its ratio, the same whatever the threads") {
  const Workspace tmp;
  CalibrateOptions o = with_sqnr(tmp / "one.xcal");
  o.threads = 1;
  const Profile profile = value(calibrate(o, {})).profile;
  o.output = tmp / "two.xcal";
  o.threads = 2;
  value(calibrate(o, {}));
  CHECK(contents(tmp / "one.xcal") == contents(tmp / "two.xcal"));

  CHECK(profile.layers.size() == 11);  // ten convolutions and the head
  for (const ProfileValue& v : profile.values) {
    INFO(v.name);
    REQUIRE(v.sqnr_db.has_value());
    CHECK(*v.sqnr_db > 20.0f);
    CHECK(*v.sqnr_db < 80.0f);
  }
  for (const ProfileLayer& layer : profile.layers) {
    INFO(layer.node);
    CHECK(layer.sqnr_db > 15.0f);
    CHECK(layer.output_sqnr_db < 80.0f);
  }
  // The last layer's output is the model's.
  CHECK(profile.layers.back().sqnr_db == profile.layers.back().output_sqnr_db);
}

TEST_CASE("statistics are those of a calibration without --sqnr, also when it is interrupted in between") {
  const Workspace tmp;
  CalibrateOptions o = with_sqnr(tmp / "whole.xcal");
  const Profile whole = value(calibrate(o, {})).profile;
  o.output = tmp / "part.xcal";
  Reporter stop;
  std::string stage;
  stop.progress = [&](std::string_view now, auto, auto) { stage = now; };
  stop.interrupted = [&] { return stage == "sqnr layers" ? 15 : 0; };
  const auto stopped = calibrate(o, stop);
  REQUIRE_FALSE(stopped.ok());
  CHECK(stopped.error().exit_code() == 143);
  CHECK_THAT(stopped.error().text(), ContainsSubstring("--resume"));
  o.resume = true;
  value(calibrate(o, {}));
  CHECK(contents(tmp / "part.xcal") == contents(tmp / "whole.xcal"));

  o.sqnr_samples = 0;
  o.resume = false;
  o.output = tmp / "plain.xcal";
  const Profile plain = value(calibrate(o, {})).profile;
  REQUIRE(plain.values.size() == whole.values.size());
  for (std::size_t i = 0; i < plain.values.size(); ++i) CHECK(plain.values[i].stats == whole.values[i].stats);
}

TEST_CASE("noisy layers go back to float, with the measurement as the reason") {
  const Workspace tmp;
  const Profile profile = value(calibrate(with_sqnr(tmp / "p.xcal"), {})).profile;
  const auto worst = std::min_element(profile.layers.begin(), profile.layers.end(), [](const auto& a, const auto& b) { return a.output_sqnr_db < b.output_sqnr_db; });
  const auto noisiest = std::min_element(profile.layers.begin(), profile.layers.end(), [](const auto& a, const auto& b) { return a.sqnr_db < b.sqnr_db; });

  CompileOptions o = compilation(kDigits + "digits.pt2", tmp / "p.xcal", Precision::int8, tmp / "m.xpuq");
  SECTION("the worst one") {
    o.fallback_worst = 1;
    const CompileResult r = value(compile(o, {}));
    std::size_t floats = 0;
    for (const LayerReport& row : r.layers) {
      if (row.int8) continue;
      ++floats;
      CHECK(row.reason == "min-sqnr");
      CHECK(row.output_sqnr_db == worst->output_sqnr_db);
      CHECK_FALSE(row.weight_sqnr_db.has_value());
    }
    CHECK(floats == 1);
  }
  SECTION("all below a limit") {
    o.min_sqnr = static_cast<double>(noisiest->sqnr_db) + 0.01;
    const CompileResult r = value(compile(o, {}));
    CHECK(r.coverage.layers_total - r.coverage.layers_int8 == 1);
    for (const LayerReport& row : r.layers) {
      if (!row.int8) {
        CHECK(row.sqnr_db == noisiest->sqnr_db);
        continue;
      }
      REQUIRE(row.weight_sqnr_db.has_value());
      CHECK(*row.weight_sqnr_db > 25.0f);
      CHECK(row.source_sqnr_db.has_value());
    }
  }
  SECTION("not without data") {
    CalibrateOptions c = with_sqnr(tmp / "plain.xcal");
    c.sqnr_samples = 0;
    value(calibrate(c, {}));
    o.profile = tmp / "plain.xcal";
    o.min_sqnr = 10;
    const auto refused = compile(o, {});
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().exit_code() == 4);
    CHECK_THAT(refused.error().text(), ContainsSubstring("xpuq-calibrate --sqnr"));
  }
}
