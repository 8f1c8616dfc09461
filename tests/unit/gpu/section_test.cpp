// Sections are hostile bytes.
#include <cstring>
#include <random>

#include "fixture_program.h"
#include "gpu/exchange.h"
#include "gpu/verify.h"

namespace xpuq::gpu {
namespace {

bool same(const Program& a, const Program& b) {
  return a.device == b.device && a.modules == b.modules && a.literals == b.literals && a.arena_bytes == b.arena_bytes && a.setup == b.setup && a.inference == b.inference && a.steps == b.steps && a.values == b.values;
}

/// The artifact with one section's bytes replaced.
Artifact with(const std::string& key, std::vector<std::byte> bytes) {
  Artifact a = digits();
  auto owner = std::make_shared<std::vector<std::byte>>(std::move(bytes));
  for (TargetSection& s : a.targets)
    if (s.key == key) {
      s.bytes = *owner;
      s.owner = owner;
    }
  return a;
}

const TargetSection& find(const Artifact& a, const std::string& key) {
  return *std::find_if(a.targets.begin(), a.targets.end(), [&](const TargetSection& s) { return s.key == key; });
}

}  // namespace

TEST_CASE("a program survives writing and reading, and equal programs give equal bytes") {
  auto b580 = read_program(digits(), section_of("gpu:20.1.4"), "digits.xpuq");
  REQUIRE(b580.ok());
  const std::vector<Program> both{a770(), *b580};
  const std::vector<TargetSection> sections = to_sections(both), again = to_sections(both);
  REQUIRE(sections.size() == 4);  // two programs, modules of two architectures
  for (std::size_t i = 0; i < sections.size(); ++i) {
    CHECK(sections[i].key == again[i].key);
    CHECK(std::equal(sections[i].bytes.begin(), sections[i].bytes.end(), again[i].bytes.begin(), again[i].bytes.end()));
  }
  Artifact a = digits();
  a.targets = sections;
  auto read = read_program(a, sections[0], "x");
  REQUIRE(read.ok());
  CHECK(same(*read, a770()));
}

TEST_CASE("keys of sections") {
  const auto key = parse_section_key("gpu:12.55.8:8x4x16x8:plan3");
  REQUIRE(key);
  CHECK(ip_version_text(key->device.ip_version) == "12.55.8");
  CHECK(shape_text(key->device) == "8x4x16");
  CHECK(key->plan == 3);
  for (const char* bad : {"", "gpu:", "gpu:modules:12", "cpu:avx2", "gpu:12.55:8x4x16x8:plan0", "gpu:12.55.8:8x4x16x8:plan", "gpu:12.55.8:8x4x16x8:plan0x", "gpu:12.300.8:8x4x16x8:plan0", "gpu:12.55.8:8x4x16:plan0", "gpu: 2.55.8:8x4x16x8:plan0", "gpu:12.55.8:8x4x16x8:plan00", "gpu:012.55.8:8x4x16x8:plan0", "gpu:12.55.8:8x4x16x-8:plan0"})
    CHECK(!parse_section_key(bad));
}

TEST_CASE("a section is refused when it is cut off, flipped, or another's") {
  const std::string key = section_of("gpu:12.55.8").key;
  const std::span<const std::byte> bytes = section_of("gpu:12.55.8").bytes;
  std::size_t refused = 0, unchanged = 0;
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    std::vector<std::byte> broken(bytes.begin(), bytes.end());
    if (i < 60) broken.resize(bytes.size() * static_cast<std::size_t>(i) / 60);
    else broken[random() % broken.size()] ^= static_cast<std::byte>(1u << random() % 8);
    const Artifact a = with(key, std::move(broken));
    const auto read = read_program(a, find(a, key), "x");
    if (!read.ok()) {
      ++refused;
      CHECK((read.error().code == "E502" || read.error().code == "E501"));
    } else if (same(*read, a770())) {
      ++unchanged;  // a bit that means nothing
    } else {
      // What is accepted has at least gone through the verifier.
      CHECK(verify(*read, digits().plans[0]).empty());
    }
  }
  CHECK(refused + unchanged >= 200);
  const Artifact swapped = with(key, {section_of("gpu:20.1.4").bytes.begin(), section_of("gpu:20.1.4").bytes.end()});
  const auto other = read_program(swapped, find(swapped, key), "x");
  REQUIRE(!other.ok());
  CHECK(other.error().what.find("another device") != std::string::npos);
}

TEST_CASE("modules that are missing or changed are found by their hash") {
  Artifact a = digits();
  std::erase_if(a.targets, [](const TargetSection& s) { return s.key.starts_with("gpu:modules:12"); });
  auto read = read_program(a, find(a, section_of("gpu:12.55.8").key), "x");
  REQUIRE(!read.ok());
  CHECK(read.error().what.find("missing") != std::string::npos);
  const Artifact other = with("gpu:modules:12", {section_of("gpu:modules:20").bytes.begin(), section_of("gpu:modules:20").bytes.end()});
  read = read_program(other, find(other, section_of("gpu:12.55.8").key), "x");
  REQUIRE(!read.ok());
  CHECK(read.error().what.find("a module is missing") != std::string::npos);
}

TEST_CASE("a module that is named again and again is no bomb") {
  Program p = a770();
  for (int i = 0; i < 3; ++i) p.modules.push_back(p.modules[0]);
  Artifact a = digits();
  a.targets = to_sections(std::vector<Program>{p});
  const auto read = read_program(a, a.targets[0], "x");
  REQUIRE(!read.ok());
  CHECK(read.error().what.find("named twice") != std::string::npos);
}

TEST_CASE("a program does not fit a plan with other numbers") {
  Artifact a = digits();
  for (PlanValue& v : a.plans[0].values)
    if (v.type.quant && v.place == Place::arena) {
      v.type.quant->scales[0] *= 2;
      break;
    }
  CHECK(verify(a770(), a.plans[0]) == "made for another plan");
}

TEST_CASE("answers of the recorder") {
  const auto bytes = [](const std::string& s) { return std::as_bytes(std::span(s.data(), s.size())); };
  const std::string programs = encode_answer(std::vector<Program>{a770()});
  auto read = decode_answer(bytes(programs));
  REQUIRE(read.ok());
  REQUIRE(read->size() == 1);
  CHECK(same(read->front(), a770()));
  Error error = make_error("E601", "who", "what", "got", "expected", "remedy");
  error.node = "node";
  const std::string failed = encode_answer(Result<std::vector<Program>>(error));
  read = decode_answer(bytes(failed));
  REQUIRE(!read.ok());
  CHECK(read.error().text() == error.text());
  CHECK(decode_answer(bytes("nonsense")).error().code == "E101");
}

}  // namespace xpuq::gpu
