// An interrupted calibration goes on to the same bytes; threads and shards do not change what is measured.
#include "workspace.h"

using namespace xpuq;
using namespace xpuq::test;

TEST_CASE("a calibration that was interrupted resumes to the bytes of one that was not") {
  const Workspace tmp;
  CalibrateOptions whole = calibration(kDigits + "digits.onnx", kDigits + "calib", "unit", tmp / "whole.xcal");
  value(calibrate(whole, {}));

  CalibrateOptions part = whole;
  part.output = tmp / "part.xcal";
  int asked = 0;
  Reporter stop;
  stop.interrupted = [&] { return ++asked == 37 ? 2 : 0; };
  const auto stopped = calibrate(part, stop);
  REQUIRE_FALSE(stopped.ok());
  CHECK(stopped.error().exit_code() == 130);
  CHECK_FALSE(std::filesystem::exists(part.output));
  REQUIRE(std::filesystem::exists(part.output + ".partial"));

  SECTION("with --resume") {
    part.resume = true;
    value(calibrate(part, {}));
    CHECK(contents(part.output) == contents(whole.output));
    CHECK(contents(part.output).size() > 1000);
    CHECK_FALSE(std::filesystem::exists(part.output + ".partial"));
  }
  SECTION("not with other options") {
    part.resume = true;
    part.preprocessing[""].mean = "0.5";
    const auto other = calibrate(part, {});
    REQUIRE_FALSE(other.ok());
    CHECK(other.error().code == "E408");
    CHECK_THAT(other.error().text(), ContainsSubstring("part.xcal.partial"));
  }
  SECTION("not when it is damaged") {
    std::filesystem::resize_file(part.output + ".partial", 500);
    part.resume = true;
    const auto damaged = calibrate(part, {});
    REQUIRE_FALSE(damaged.ok());
    CHECK(damaged.error().code == "E408");
  }
}

TEST_CASE("the number of threads does not change a profile") {
  const Workspace tmp;
  CalibrateOptions o = calibration(kDigits + "digits.pt2", kDigits + "calib", "unit", tmp / "one.xcal");
  o.images = 20;
  o.threads = 1;
  value(calibrate(o, {}));
  o.output = tmp / "two.xcal";
  o.threads = 2;
  value(calibrate(o, {}));
  CHECK(contents(tmp / "one.xcal") == contents(tmp / "two.xcal"));
}

TEST_CASE("shards merge to the sums of the whole") {
  const Workspace tmp;
  CalibrateOptions o = calibration(kDigits + "digits.pt2", kDigits + "calib", "unit", tmp / "whole.xcal");
  const CalibrateResult whole = value(calibrate(o, {}));
  for (std::uint64_t i : {1, 2, 3}) {
    o.shard = ProfileShard{i, 3};
    o.output = tmp / ("part" + std::to_string(i));
    value(calibrate(o, {}));
  }
  const CalibrateResult merged = value(merge_shards({tmp / "part3", tmp / "part1", tmp / "part2"}, tmp / "merged.xcal", false, {}));
  REQUIRE(merged.profile.values.size() == whole.profile.values.size());
  for (std::size_t i = 0; i < whole.profile.values.size(); ++i) {
    CHECK(merged.profile.values[i].stats.min == whole.profile.values[i].stats.min);
    CHECK(merged.profile.values[i].stats.max == whole.profile.values[i].stats.max);
    CHECK(merged.profile.values[i].stats.count == whole.profile.values[i].stats.count);
  }
}
