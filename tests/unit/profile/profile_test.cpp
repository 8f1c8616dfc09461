// Writer and reader of `.xcal` (cli.md 3.1).
#include "profile/profile.h"

#include <cmath>
#include <cstring>

#include "catch.h"
#include "profile/json_fields.h"
#include "qmath/range_rules.h"
#include "sample_profile.h"
#include "support/sha256.h"

using namespace xpuq;
using Catch::Matchers::StartsWith;

namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("profile: what is written reads back, and writes the same bytes again") {
  const Profile p = test::sample_profile();
  REQUIRE(check_profile(p, "p.xcal").ok());
  const std::string text = write_profile(p);
  const Profile again = test::read_back(text);
  CHECK(again == p);
  CHECK(write_profile(again) == text);
  CHECK(again.find("flat")->sqnr_db == std::numeric_limits<float>::infinity());
  REQUIRE(again.layers.size() == 1);
  CHECK(again.layers[0].sqnr_db == 21.25f);
  CHECK(again.layers[0].output_sqnr_db == std::numeric_limits<float>::infinity());
  CHECK_FALSE(again.find("image")->sqnr_db.has_value());
  CHECK(again.find("never")->stats.never_observed());
  CHECK(again.find("nobody") == nullptr);
  std::vector<ProfileWarning> warnings;
  CHECK(read_profile(std::as_bytes(std::span(text.data(), text.size())), "p.xcal", warnings).ok());
}

TEST_CASE("profile: a pt2 model, a shard and other options") {
  Profile p = test::sample_profile();
  p.model = {"net.pt2", "pt2", 0, "8.20", std::string(64, '0'), std::string(64, '9')};
  p.shard = ProfileShard{2, 4};
  p.method = "moving-average:0.05";
  p.moving_constant = 0.05f;
  p.data.seed = UINT64_MAX;
  p.data.files.clear();
  p.data.bad.clear();
  p.preprocessing = Json::object();
  p.groups.clear();
  for (auto& v : p.values) v.stats.moving_constant = 0.05f;
  const std::string text = write_profile(p);
  CHECK(test::read_back(text) == p);
  p.values.clear();
  CHECK(test::read_back(write_profile(p)) == p);
}

TEST_CASE("profile: one value a line, keys in order, runs of zeros, integrity last") {
  const std::string text = write_profile(test::sample_profile());
  CHECK_THAT(text, StartsWith("{\"schema\":\"xpuq.calibration/1\",\n"
                              "\"model\":{\"file\":\"net.onnx\",\"format\":\"onnx\",\"opset\":17,"));
  CHECK_THAT(text, ContainsSubstring("\n{\"name\":\"relu/out\",\"node\":\"Relu_1\",\"op\":\"relu\","
                            "\"shape\":[2,3,10,50],\"count\":6000,\"min\":"));
  CHECK_THAT(text, ContainsSubstring("\"lo\":3,\"hi\":3,\"counts\":[[0,1024],7,[0,1023]]}"));
  CHECK_THAT(text, ContainsSubstring("{\"bins\":2048,\"counts\":[[0,2048]]},\"nonfinite\":0}"));
  CHECK_THAT(text, ContainsSubstring("\"sqnr_db\":null}"));
  CHECK_THAT(text, ContainsSubstring("\n\"cat/b.jpg\",\n"));
  std::size_t at = 0;
  for (const char* key : {"schema", "model", "preprocessing", "data", "shard", "method", "moving_constant", "values",
                          "groups", "integrity"}) {
    at = text.find("\n\"" + std::string(key) + "\":", at ? at : 0);
    if (std::string(key) == "schema") at = text.find("\"schema\"");
    REQUIRE(at != std::string::npos);
  }
  CHECK(text.substr(at + 1) == "\"integrity\":\"" + sha256_hex(std::string_view(text).substr(0, at + 1)) + "\"}\n");
}

TEST_CASE("profile: bytes that are not UTF-8 do not stop the writer") {
  Profile p = test::sample_profile();
  p.data.files = {"caf\xe9.jpg"};
  const std::string text = write_profile(p);
  const Profile again = test::read_back(text);
  CHECK(again.data.files[0] == "caf\xef\xbf\xbd.jpg");
  CHECK(write_profile(again) == text);
}

TEST_CASE("profile: unknown keys and minor versions are accepted") {
  std::string text = write_profile(test::sample_profile());
  text = replaced(text, "calibration/1\"", "calibration/1.7\",\"future\":[{\"a\":1}]");
  text = replaced(text, "\"op\":\"relu\"", "\"op\":\"relu\",\"extra\":null");
  std::vector<ProfileWarning> warnings;
  const auto p = read_profile(text, "p.xcal", warnings);
  REQUIRE(p.ok());
  CHECK(*p == test::sample_profile());
  CHECK(warnings.size() == 1);
}

TEST_CASE("profile: an edited range is used, with W018") {
  std::string text = write_profile(test::sample_profile());
  text = replaced(text, "\"count\":7,\"min\":3,\"max\":3", "\"count\":7,\"min\":0,\"max\":6");
  std::vector<ProfileWarning> warnings;
  const auto p = read_profile(text, "hand.xcal", warnings);
  REQUIRE(p.ok());
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].code == "W018");
  CHECK_THAT(warnings[0].message, StartsWith("hand.xcal: ") && ContainsSubstring("'flat'"));
  const auto range = qmath::select_range(p->find("flat")->stats, {});
  REQUIRE(range.ok());
  CHECK(*range == qmath::Range{0, 6});
  // Written again it is a sound file, and still hand-set.
  CHECK(test::read_back(write_profile(*p)).find("flat")->stats.hand_set());
}

TEST_CASE("profile: shortest decimals read back to the same binary32") {
  // The one decimal among all that rounding by way of binary64 gets wrong.
  CHECK(to_f32(Json::parse("7.038531e-26")) == 7.038531e-26f);
  CHECK(to_f32(Json::parse("-7.038531e-26")) == -7.038531e-26f);
  CHECK(to_f32(Json::parse("16777217")) == 16777216.0f);
  std::uint32_t s = 1;
  for (int i = 0; i < 300000; ++i) {
    s = s * 1664525u + 1013904223u;
    float f;
    const std::uint32_t bits = s ^ (s >> 15);
    std::memcpy(&f, &bits, sizeof f);
    if (!std::isfinite(f)) continue;
    REQUIRE(to_f32(Json::parse(format_f32(f))) == f);
  }
}

TEST_CASE("sha256: known answers, and pieces equal the whole") {
  CHECK(sha256_hex(std::string_view()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex(std::string_view("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(Sha256().update("a").update("bc").hex() == sha256_hex(std::string_view("abc")));
  const std::string_view little("\x08\x07\x06\x05\x04\x03\x02\x01", 8);
  CHECK(Sha256().update_u64(0x0102030405060708u).hex() == sha256_hex(little));
  Sha256 moved = std::move(Sha256().update("abc"));
  CHECK(moved.hex() == sha256_hex(std::string_view("abc")));
}
