#include "catch.h"

#include "fixture.h"
#include "xe/compact.h"
#include "xe/decode.h"
#include "xe/zebin.h"

using namespace xpuq::xe;

namespace {

Instruction decoded(Platform platform, std::uint64_t low, std::uint64_t high) {
  const auto i = decode_instruction(platform, {low, high}, 0, "test");
  if (!i) FAIL(i.error().text());
  return *i;
}

}  // namespace

TEST_CASE("fields of the two encodings lie where the manuals say") {
  // add (16|M16) (lt)f1.0 r10.0<1>:f r20.0<8;8,1>:f -r30.2<0;1,0>:f, saturated, both ways.
  Bits128 hpg;
  hpg.put(0, 0x40);
  hpg.put(16, 4);
  hpg.put(19, 4);
  hpg.put(22, 2);
  hpg.put(34, 1);
  hpg.put(36, 10);
  hpg.put(40, 10);
  hpg.put(48, 1 | 1 << 2);
  hpg.put(56, 10);
  hpg.put(64, 1 | 1 << 2 | 20 << 8 | 3u << 17 | 4u << 20);
  hpg.put(88, 10);
  hpg.put(92, 5);
  hpg.put(96, 1 << 2 | 8 << 3 | 30 << 8);
  hpg.put(120, 2);
  const Instruction a = decoded(Platform::dg2, hpg.low, hpg.high);
  CHECK(text_of(a) == "add (16|M16) (lt)f1.0 (sat) r10.0<1>:f r20.0<8;8,1>:f -r30.2<0;1,0>:f");

  Bits128 xe2;
  xe2.put(0, 0x40);
  xe2.put(18, 4);
  xe2.put(21, 2);
  xe2.put(24, 2);
  xe2.put(34, 1);
  xe2.put(36, 10);
  xe2.put(40, 10);
  xe2.put(48, 1 | 1 << 2);
  xe2.put(56, 10);
  xe2.put(64, 1 | 1 << 2 | 20 << 8 | 3u << 17 | 4u << 20);
  xe2.put(88, 10);
  xe2.put(92, 5);
  xe2.put(96, 1 << 2 | 4 << 3 | 30 << 8);  // the byte number lacks its lowest bit here
  xe2.put(120, 2);
  for (Platform p : {Platform::pvc, Platform::bmg, Platform::ptl}) CHECK(text_of(decoded(p, xe2.low, xe2.high)) == text_of(a));
}

TEST_CASE("what is no instruction is an error, not a guess") {
  for (std::uint64_t opcode = 0; opcode < 128; ++opcode) {
    const auto i = decode_instruction(Platform::dg2, {opcode, 0}, 0, "test");
    CHECK(i.ok() == (source_count(static_cast<Opcode>(opcode)) >= 0));
  }
  CHECK_FALSE(decode_instruction(Platform::dg2, {0x40 | 7u << 16, 0}, 0, "test").ok());   // 128 channels
  CHECK_FALSE(decode_instruction(Platform::dg2, {0x40 | 15u << 24, 0}, 0, "test").ok());  // predicate control
}

TEST_CASE("compact instructions expand for opcodes that have such a form") {
  CHECK_FALSE(expand_compact(Encoding::hpg, 0x31).has_value());  // send
  CHECK_FALSE(expand_compact(Encoding::xe2, 0x38).has_value());  // math
  // Every index of every table gives something decodable or an error, never a crash.
  for (Encoding e : {Encoding::hpg, Encoding::hpc, Encoding::xe2}) {
    const Platform p = e == Encoding::hpg ? Platform::dg2 : e == Encoding::hpc ? Platform::pvc : Platform::bmg;
    std::uint64_t random = 1;
    for (int k = 0; k < 20000; ++k) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      const std::uint64_t opcodes[] = {0x40, 0x41, 0x5b, 0x61, 0x70, 0x59, 0x52, 0x6b};
      const std::uint64_t compact = (random & ~std::uint64_t{0x7f}) | opcodes[random >> 60 & 7] | std::uint64_t{1} << 29;
      if (const auto bits = expand_compact(e, compact)) {
        const auto i = decode_instruction(p, *bits, 0, "test");
        if (i) CHECK_FALSE(text_of(*i).empty());
      }
    }
  }
}

TEST_CASE("every instruction of the fixtures' kernels decodes up to the end of the thread") {
  for (const char* product : {"dg2", "bmg", "ptl"}) {
    const auto bytes = xe_test::fixture(std::string(product) + "/kernels.bin");
    const auto zebin = read_zebin(bytes, product);
    REQUIRE(zebin.ok());
    for (const auto& section : zebin->sections) {
      if (section.name.rfind(".text.", 0) != 0) continue;
      const auto code = decode_kernel(*platform_named(product), section.bytes);
      std::size_t compact = 0, last = 0;
      for (std::size_t i = 0; i < code.size(); ++i) {
        compact += code[i].bytes == 8;
        if (code[i].is_send() && code[i].send.end_of_thread) last = i;
      }
      INFO(product << " " << section.name);
      REQUIRE(last != 0);
      for (std::size_t i = 0; i < last; ++i) CHECK(code[i].opcode != Opcode::illegal);
      if (section.name.find("Intel") == std::string::npos) CHECK(compact > 5);
    }
  }
}
