#include <sstream>

#include "catch.h"

#include "fixture.h"
#include "xe/annotation.h"
#include "xe/decode.h"
#include "xe/zebin.h"

using namespace xpuq::xe;

namespace {

/// A line as waits.awk writes it: the tokens of sync.allrd and sync.allwr behind the annotation, all of them as nothing.
std::string line_of(const Instruction& i) {
  std::string text = text_of(i.annotation);
  const bool all = i.sync == SyncFunction::allrd || i.sync == SyncFunction::allwr;
  if (i.opcode != Opcode::sync || !all || i.tokens == ~0u) return text;
  text += " (";
  for (int t = 0; t < 32; ++t) {
    if (i.tokens >> t & 1) text += (text.back() == '(' ? "$" : ",$") + std::to_string(t);
  }
  return text + ")";
}

}  // namespace

TEST_CASE("annotations of every instruction are what Intel's disassembler says") {
  std::size_t compared = 0, waits = 0;
  for (const std::string& name : xe_test::fixtures_with_waits()) {
    INFO(name);
    const Platform platform = *platform_named(name.substr(0, name.find('/')));
    const auto bytes = xe_test::fixture(name + ".bin");
    const auto zebin = read_zebin(bytes, name);
    REQUIRE(zebin.ok());
    std::istringstream listing(xe_test::waits_of(name));
    std::vector<Instruction> code;
    std::size_t at = 0;
    for (std::string line; std::getline(listing, line);) {
      if (line.rfind("section ", 0) == 0) {
        const ZebinSection* section = zebin->find(line.substr(8));
        REQUIRE(section != nullptr);
        code = decode_kernel(platform, section->bytes);
        at = 0;
        continue;
      }
      REQUIRE(at < code.size());
      INFO("byte " << code[at].offset << ": " << text_of(code[at]));
      if (code[at].opcode != Opcode::illegal) CHECK(line_of(code[at]) == line);
      waits += !line.empty();
      ++compared;
      ++at;
    }
  }
  CHECK(compared > 10000);
  CHECK(waits > 4000);
}

TEST_CASE("what distances and tokens mean together depends on the instruction") {
  const auto text = [](Platform p, std::uint32_t bits, AnnotatedKind kind) { return text_of(decode_annotation(p, bits, kind)); };
  using enum AnnotatedKind;
  CHECK(text(Platform::dg2, 0x00, in_order) == "");
  CHECK(text(Platform::dg2, 0x57, in_order) == "L@7");
  CHECK(text(Platform::dg2, 0xb3, in_order) == "@3,$3.dst");
  CHECK(text(Platform::dg2, 0xb3, math) == "@3,$3");
  CHECK(text(Platform::dg2, 0xb3, message) == "A@3,$3");
  CHECK(text(Platform::dg2, 0x60, in_order) == "?");
  for (Platform p : {Platform::pvc, Platform::bmg, Platform::ptl}) {
    CHECK(text(p, 0x2a, in_order) == "M@2");
    CHECK(text(p, 0xf0, in_order) == "NoAccSBSet");
    CHECK(text(p, 0xdf, message) == "$31");
    CHECK(text(p, 0x13f, systolic) == "@1,$31");
    CHECK(text(p, 0x13f, in_order) == "@1,$31.dst");
    CHECK(text(p, 0x23f, message) == "F@1,$31");
    CHECK(text(p, 0x33f, message) == "I@1,$31");
    CHECK(text(p, 0x23f, in_order) == "@1,$31.src");
    CHECK(text(p, 0x33f, systolic) == "@1,$31.dst");
    CHECK(text(p, 0x33f, in_order) == "A@1,$31.dst");
    CHECK(text(p, 0x31, in_order) == (p == Platform::ptl ? "S@1" : "?"));
  }
}
