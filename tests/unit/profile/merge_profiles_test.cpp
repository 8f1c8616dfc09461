// Joining shards (cli.md 3, --merge).
#include <functional>

#include "catch.h"
#include "sample_profile.h"

using namespace xpuq;

namespace {

NamedProfile shard(std::uint64_t index, std::uint64_t count, const std::vector<std::string>& files) {
  NamedProfile s{"part" + std::to_string(index) + ".xcal",
                 test::sample_profile(10 * static_cast<std::uint32_t>(index))};
  s.profile.shard = ProfileShard{index, count};
  s.profile.data.files = files;
  s.profile.data.bad.clear();
  s.profile.data.count = files.size();
  return s;
}

std::vector<NamedProfile> three() {
  return {shard(1, 3, {"a", "d", "g"}), shard(2, 3, {"b", "e"}), shard(3, 3, {"c", "f"})};
}

Error refused(const std::vector<NamedProfile>& shards) {
  const auto merged = merge_profiles(shards);
  REQUIRE_FALSE(merged.ok());
  CHECK(merged.error().code == "E406");
  CHECK(merged.error().exit_code() == 4);
  return merged.error();
}

}  // namespace

TEST_CASE("merge: order of operands does not matter; files return to their order") {
  auto shards = three();
  const auto merged = merge_profiles(shards);
  REQUIRE(merged.ok());
  std::swap(shards[0], shards[2]);
  std::swap(shards[1], shards[2]);
  const auto again = merge_profiles(shards);
  REQUIRE(again.ok());
  CHECK(again->profile == merged->profile);
  const Profile& p = merged->profile;
  CHECK(p.data.files == std::vector<std::string>{"a", "b", "c", "d", "e", "f", "g"});
  CHECK(p.data.count == 7);
  CHECK_FALSE(p.shard.has_value());
  CHECK(check_profile(p, "merged").ok());
  CHECK(test::read_back(write_profile(p)) == p);
}

TEST_CASE("merge: min, max and counters are exact, the mass is kept") {
  const auto shards = three();
  const auto merged = merge_profiles(shards);
  REQUIRE(merged.ok());
  float min = 1e9f, max = -1e9f;
  std::uint64_t count = 0;
  for (const auto& s : shards) {
    min = std::min(min, s.profile.values[0].stats.min);
    max = std::max(max, s.profile.values[0].stats.max);
    count += s.profile.values[0].stats.count;
  }
  const auto& stats = merged->profile.values[0].stats;
  CHECK(stats.min == min);
  CHECK(stats.max == max);
  CHECK(stats.count == count);
  double mass = 0;
  for (const float c : stats.histogram.counts) mass += c;
  CHECK(mass == Approx(static_cast<double>(count)));
  // 'image' and 'relu/out' differ in range from shard to shard; the constant and the dead value do not.
  CHECK(merged->rebinned == 2);
  CHECK(merged->profile.values[1].sqnr_db == 34.5f);
  CHECK(merged->profile.layers == shards[0].profile.layers);
  CHECK(merged->profile.find("never")->stats.never_observed());
}

TEST_CASE("merge: parts that do not fit together") {
  auto shards = three();
  shards.pop_back();
  CHECK_THAT(refused(shards).what, ContainsSubstring("part 3/3 is missing"));
  shards = three();
  shards.erase(shards.begin());
  CHECK_THAT(refused(shards).what, ContainsSubstring("part 1/3 is missing"));
  shards = three();
  shards.push_back(shard(2, 3, {"b"}));
  CHECK_THAT(refused(shards).what, ContainsSubstring("overlaps with part2.xcal"));
  shards = three();
  shards[1].profile.shard->count = 4;
  CHECK_THAT(refused(shards).what, ContainsSubstring("another calibration"));
  shards = three();
  shards[2].profile.shard.reset();
  CHECK(refused(shards).who == "part3.xcal");
  refused({});
  // A forged count must not make the search for the missing part long.
  shards = three();
  for (auto& s : shards) s.profile.shard->count = std::uint64_t{1} << 60;
  CHECK_THAT(refused(shards).what, ContainsSubstring("part 4/"));
}

TEST_CASE("merge: parts of different calibrations") {
  const std::vector<std::pair<const char*, std::function<void(Profile&)>>> changes{
      {"another model", [](Profile& p) { p.model.graph_sha256[0] = '0'; }},
      {"other weights", [](Profile& p) { p.model.weights_sha256[0] = '0'; }},
      {"other preprocessing", [](Profile& p) { p.preprocessing["image"]["resize"] = 232; }},
      {"another list", [](Profile& p) { p.data.list_sha256[0] = '0'; }},
      {"another selection", [](Profile& p) { p.data.seed = 9; }},
      {"another batch", [](Profile& p) { p.data.batch = 1; }},
      {"another method", [](Profile& p) { p.method = "minmax"; }},
      {"another moving average", [](Profile& p) { p.moving_constant = 0.5f; }},
      {"other values", [](Profile& p) { p.values.pop_back(); }},
      {"other values", [](Profile& p) { p.values[1].name = "x"; }},
      {"another shape", [](Profile& p) { p.values[1].shape[0] = 1; }},
      {"other bins", [](Profile& p) { p.values[1].stats.histogram.counts.resize(1024); }},
      {"other groups", [](Profile& p) { p.groups.clear(); }},
      {"other groups", [](Profile& p) { p.groups[0].members.pop_back(); }},
      {"set by hand", [](Profile& p) { p.values[0].stats.max = 9; }},
      {"set by hand", [](Profile& p) { p.groups[0].stats.max = 9; }},
  };
  for (const auto& [what, change] : changes) {
    CAPTURE(what);
    auto shards = three();
    change(shards[1].profile);
    const Error e = refused(shards);
    CHECK_THAT(e.what, ContainsSubstring(what));
    CHECK(e.who == "part2.xcal");
  }
}
