#include <unistd.h>

#include <filesystem>

#include "plan/verify.h"
#include "same_artifact.h"
#include "sample_artifact.h"
#include "support/text.h"

namespace xpuq {
namespace {

using namespace artifact_test;

std::string must_write(const Artifact& a) {
  auto bytes = to_bytes(a, "out.xpuq");
  if (!bytes.ok()) FAIL(bytes.error().text());
  return std::move(bytes).value();
}

Artifact must_read(const std::string& bytes) {
  auto a = read_artifact(as_span(bytes), nullptr, "in.xpuq", {.verify_all = true});
  if (!a.ok()) FAIL(a.error().text());
  return std::move(a).value();
}

bool aligned(const void* at) { return reinterpret_cast<std::uintptr_t>(at) % 64 == 0; }

}  // namespace

TEST_CASE("the sample plan is sound", "[artifact]") {
  CHECK(verify(sample_plan(1)) == "");
  CHECK(verify(sample_plan(2, 7, true)) == "");
}

TEST_CASE("read(write(a)) == a and a second write gives the same bytes", "[artifact]") {
  const Artifact a = sample_artifact();
  const std::string bytes = must_write(a);
  CHECK(bytes == must_write(a));
  const Artifact b = must_read(bytes);
  check_same(a, b);
  CHECK(must_write(b) == bytes);
}

TEST_CASE("an artifact without optional parts", "[artifact]") {
  Artifact a;
  a.plans = {sample_plan(1)};
  const Artifact b = must_read(must_write(a));
  check_same(a, b);
  CHECK(list_sections(as_span(must_write(a)), "f")->sections.size() == 3);
}

TEST_CASE("a plan without constants, steps of rank 0 and empty values", "[artifact]") {
  PlanBuilder builder;
  const auto x = builder.value(Place::input, "", f32({}));
  const auto y = builder.value(Place::output, "", f32({}));
  const auto e = builder.value(Place::input, "", f32({0, 3}));
  const auto r = builder.value(Place::output, "", f32({3, 0}));
  builder.step(OpKind::relu, {}, {x}, y);
  builder.step(OpKind::reshape, {{"shape", Ints{3, 0}}}, {e}, r);
  Artifact a;
  a.plans.push_back(builder.take());
  a.self_tests = {sample_self_test(a.plans[0], 0)};
  const std::string bytes = must_write(a);
  const Artifact b = must_read(bytes);
  check_same(a, b);
  CHECK(must_write(b) == bytes);
}

TEST_CASE("plans share constants by content", "[artifact]") {
  Artifact a;
  a.plans = {sample_plan(1), sample_plan(4, 5, true), sample_plan(8, 6)};
  const Artifact b = must_read(must_write(a));
  REQUIRE(b.plans.size() == 3);
  // 108 codes, 4 biases, 10 floats of the second plan, 108 other codes of the third: 128 + 64 + 64 + 128 bytes.
  CHECK(b.plans[0].constants.size() == 384);
  for (std::size_t p = 0; p < 3; ++p) {
    CHECK(b.plans[p].constants.data() == b.plans[0].constants.data());
    CHECK(aligned(b.plans[p].constants.data()));
    for (std::uint32_t v = 0; v < a.plans[p].values.size(); ++v) {
      if (a.plans[p].values[v].place != Place::constant) continue;
      const std::size_t size = a.plans[p].values[v].type.bytes();
      CHECK(equal_bytes({a.plans[p].constant_bytes(v), size}, {b.plans[p].constant_bytes(v), size}));
    }
  }
  CHECK(must_write(b) == must_write(a));
}

TEST_CASE("aligned and owned bytes are used in place, others are copied", "[artifact]") {
  const std::string bytes = must_write(sample_artifact());
  auto buffer = std::make_shared<Tensor>(DataType::u8, Shape{static_cast<std::int64_t>(bytes.size() + 8)});
  const auto inside = [&](const std::byte* at) { return at >= buffer->raw() && at < buffer->raw() + buffer->bytes(); };

  std::memcpy(buffer->raw(), bytes.data(), bytes.size());
  const auto in_place = read_artifact({buffer->raw(), bytes.size()}, buffer, "f");
  REQUIRE(in_place.ok());
  CHECK(inside(in_place->plans[0].constants.data()));
  CHECK(inside(in_place->targets[0].bytes.data()));
  CHECK(aligned(in_place->plans[0].constants.data()));

  const auto unowned = read_artifact({buffer->raw(), bytes.size()}, nullptr, "f");
  REQUIRE(unowned.ok());
  CHECK(!inside(unowned->plans[0].constants.data()));

  const auto odd = std::make_shared<Tensor>(DataType::u8, buffer->shape());
  std::memcpy(odd->raw() + 8, bytes.data(), bytes.size());
  const auto moved = read_artifact({odd->raw() + 8, bytes.size()}, odd, "f");
  REQUIRE(moved.ok());
  CHECK(moved->plans[0].constants_owner != odd);
  CHECK(aligned(moved->plans[0].constants.data()));
  CHECK(aligned(moved->targets[0].bytes.data()));
  check_same(*in_place, *moved);
}

TEST_CASE("a mapped file outlives its opening", "[artifact]") {
  const std::string path = std::filesystem::temp_directory_path() / ("xpuq_artifact_" + std::to_string(::getpid()));
  const Artifact a = sample_artifact();
  REQUIRE(write_artifact(a, path).ok());
  const auto b = open_artifact(path, {.verify_all = true});
  std::filesystem::remove(path);
  REQUIRE(b.ok());
  CHECK(aligned(b->plans[0].constants.data()));
  check_same(a, *b);
  CHECK(open_artifact(path).error().code == "E204");
}

TEST_CASE("the table of contents", "[artifact]") {
  std::string bytes = must_write(sample_artifact());
  const auto listing = list_sections(as_span(bytes), "f");
  REQUIRE(listing.ok());
  CHECK(listing->major == 1);
  CHECK(listing->minor == 0);
  CHECK(listing->producer == version());
  CHECK(listing->bytes == bytes.size());
  std::string tags;
  for (const SectionInfo& s : listing->sections) {
    tags += s.tag + (s.required ? "! " : " ");
    CHECK(s.crc_ok);
    CHECK(s.known);
    CHECK(s.offset % (s.tag == "CNST" ? 4096 : 64) == 0);
  }
  CHECK(tags == "PLAN! INFO! LABL TEST CNST! TGT  TGT  ");
  CHECK(listing->sections[5].key == "cpu:avx2");
  CHECK(listing->sections[5].bytes == 14);

  bytes[listing->sections[4].offset] ^= 1;
  const auto damaged = list_sections(as_span(bytes), "f");
  REQUIRE(damaged.ok());
  CHECK(!damaged->sections[4].crc_ok);
  CHECK(damaged->sections[3].crc_ok);
  CHECK(read_artifact(as_span(bytes), nullptr, "f").ok());  // opening leaves the constants alone
  CHECK(read_artifact(as_span(bytes), nullptr, "f", {.verify_all = true}).error().code == "E502");
}

TEST_CASE("the writer refuses what no reader would take", "[artifact]") {
  Artifact a = sample_artifact();
  const auto refused = [&](const std::string& part) {
    const auto bytes = to_bytes(a, "out.xpuq");
    REQUIRE(!bytes.ok());
    CHECK(bytes.error().code == "E101");
    CHECK_THAT(bytes.error().text(), ContainsSubstring("out.xpuq: cannot be stored") && ContainsSubstring(part));
  };
  SECTION("no plan") {
    a.plans.clear();
    a.self_tests.clear();
    refused("no plan");
  }
  SECTION("a target key that is too long") {
    a.targets[0].key = std::string(97, 'k');
    refused("at most 96");
  }
  SECTION("a target without a key") {
    a.targets[0].key.clear();
    refused("no key");
  }
  SECTION("a target key with a control character") {
    a.targets[0].key = "cpu\n";
    refused("plain text");
  }
  SECTION("two target sections with one key") {
    a.targets[1].key = a.targets[0].key;
    refused("twice");
  }
  SECTION("a self-test of no plan") {
    a.self_tests[0].plan = 2;
    refused("'plan'");
  }
  SECTION("an output of another type") {
    a.self_tests[0].expected[0] = Tensor(DataType::f32, {3});
    refused("another type");
  }
  SECTION("info that is no object") {
    a.info = Json::array();
    refused("not a JSON object");
  }
}

TEST_CASE("text that is no UTF-8 is kept in names and replaced in info", "[artifact]") {
  Artifact a = sample_artifact();
  a.plans[0].values[1].name = "\xFF\x80";
  a.plans[0].steps[0].origin = {"\xC3"};
  a.labels[0] = "\xFE";
  a.info["bad"] = "x\xFFy";
  const Artifact b = must_read(must_write(a));
  CHECK(b.plans[0].values[1].name == "\xFF\x80");
  CHECK(b.plans[0].steps[0].origin == std::vector<std::string>{"\xC3"});
  CHECK(b.labels[0] == "\xFE");
  CHECK(b.info["bad"] == "x\xEF\xBF\xBDy");
}

}  // namespace xpuq
