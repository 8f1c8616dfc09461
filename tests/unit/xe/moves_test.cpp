// Moves that are rare: 8-bit floats, tf32, random rounding, moves by index, registers that a0 names.
#include "catch.h"

#include <cmath>

#include "assembler.h"
#include "model.h"
#include "one_thread.h"
#include "xe/decode.h"

using namespace xe_test;

namespace {

OneThread assembled(const Instruction& wanted, Platform platform) {
  const auto i = decode_instruction(platform, encode(platform, wanted), 0, "test");
  if (!i) FAIL(i.error().text());
  if (text_of(*i) != text_of(wanted)) FAIL(text_of(*i) << " for " << text_of(wanted));
  return OneThread(*i, platform);
}

}  // namespace

TEST_CASE("halves become 8-bit floats and back, to nearest even") {
  OneThread there = assembled(make(Opcode::mov, 16, to(10, Type::bf8), grf(20, Type::hf, 8, 8, 1)), Platform::pvc);
  OneThread back = assembled(make(Opcode::mov, 16, to(10, Type::hf), grf(20, Type::bf8, 8, 8, 1)), Platform::bmg);
  REQUIRE(there.supported());
  REQUIRE(back.supported());
  for (std::uint32_t first = 0; first < 0x10000; first += 16) {
    for (std::uint32_t c = 0; c < 16; ++c) there.reg<std::uint16_t>(20, static_cast<int>(c)) = static_cast<std::uint16_t>(first + c);
    there.run();
    for (std::uint32_t c = 0; c < 16; ++c) {
      const auto half = static_cast<std::uint16_t>(first + c);
      const Number x = read_number(reinterpret_cast<const std::uint8_t*>(&half), Type::hf);
      std::uint8_t want = 0;
      write_number(&want, Type::bf8, x, false, 0);
      const std::uint8_t got = there.reg<std::uint8_t>(10, static_cast<int>(c));
      if (x.f != x.f ? (got & 0x7f) <= 0x7c : got != want) FAIL("half " << half << ": " << int{got} << ", not " << int{want});
    }
  }
  for (int first = 0; first < 256; first += 16) {
    for (int c = 0; c < 16; ++c) back.reg<std::uint8_t>(20, c) = static_cast<std::uint8_t>(first + c);
    back.run();
    for (int c = 0; c < 16; ++c) {
      const auto byte = static_cast<std::uint8_t>(first + c);
      const Number want = read_number(&byte, Type::bf8), got = read_number(&back.reg<std::uint8_t>(10, 2 * c), Type::hf);
      CHECK((want.f == got.f || (want.f != want.f && got.f != got.f)));
    }
  }
}

TEST_CASE("floats become tf32: ten bits of fraction, tiny numbers zero") {
  OneThread t = assembled(make(Opcode::mov, 8, to(10, Type::tf32), grf(20, Type::f, 8, 8, 1)), Platform::bmg);
  REQUIRE(t.supported());
  const float in[] = {1.0f, 1.0f + 0x1p-11f, 1.0f + 0x1.8p-10f, -3.14159274f, 0x1p-130f, INFINITY, 0x1.fffffep127f, -0.0f};
  const float want[] = {1.0f, 1.0f, 1.0f + 0x1p-9f, -3.140625f, 0.0f, INFINITY, INFINITY, -0.0f};
  for (int c = 0; c < 8; ++c) t.reg<float>(20, c) = in[c];
  t.run();
  for (int c = 0; c < 8; ++c) CHECK(t.reg<float>(10, c) == want[c]);
}

TEST_CASE("random rounding adds the random bits below the fraction and cuts") {
  OneThread t = assembled(make(Opcode::srnd, 8, to(10, Type::hf), grf(20, Type::f, 8, 8, 1), grf(30, Type::uw, 8, 8, 1)), Platform::pvc);
  REQUIRE(t.supported());
  const float in[] = {1.0f + 0x1p-11f, 1.0f + 0x1p-11f, 1.0f, 65504.0f + 31, 0x1p-24f, -1.5f, INFINITY, 0x1.4p-24f};
  const std::uint16_t random[] = {0xfff, 0x1000, 0x1fff, 0x1fff, 0, 0x7, 0x1fff, 0}, want[] = {0x3c00, 0x3c01, 0x3c00, 0x7c00, 1, 0xbe00, 0x7c00, 1};
  for (int c = 0; c < 8; ++c) {
    t.reg<float>(20, c) = in[c];
    t.reg<std::uint16_t>(30, c) = random[c];
  }
  t.run();
  for (int c = 0; c < 8; ++c) CHECK(t.reg<std::uint16_t>(10, c) == want[c]);
  OneThread small = assembled(make(Opcode::srnd, 4, to(10, Type::bf8), grf(20, Type::hf, 4, 4, 1), grf(30, Type::ub, 4, 4, 1)), Platform::bmg);
  const std::uint16_t halves[] = {0x3c80, 0x3c80, 0xbcff, 0x7c00};
  const std::uint8_t bytes[] = {0x7f, 0x80, 0x01, 0xff}, results[] = {0x3c, 0x3d, 0xbd, 0x7c};
  for (int c = 0; c < 4; ++c) {
    small.reg<std::uint16_t>(20, c) = halves[c];
    small.reg<std::uint8_t>(30, c) = bytes[c];
  }
  small.run();
  for (int c = 0; c < 4; ++c) CHECK(small.reg<std::uint8_t>(10, c) == results[c]);
  // No such instruction on Xe-HPG.
  CHECK_FALSE(OneThread(make(Opcode::srnd, 8, to(10, Type::hf), grf(20, Type::f), grf(30, Type::uw)), Platform::dg2).supported());
}

TEST_CASE("registers that a0 names: one for all channels, one for each row, moves by index") {
  for (const Platform platform : {Platform::dg2, Platform::bmg}) {
    const int bytes = traits_of(platform).register_bytes;
    const auto fill = [&](OneThread& t) {
      for (int k = 0; k < 40 * bytes / 4; ++k) t.reg<std::uint32_t>(20, k) = static_cast<std::uint32_t>(k);
      for (int w = 0; w < 8; ++w) poke(t.t->r + RegisterFile::address + 2 * w, static_cast<std::uint16_t>(20 * bytes + 12 * w * w + 4 * w));
    };
    Operand one = grf(0, Type::ud, 8, 4, 2);
    one.indirect = true;
    one.address_word = 3;
    one.address_offset = -8;
    OneThread a = assembled(make(Opcode::mov, 8, to(10, Type::ud), one), platform);
    fill(a);
    a.run();
    for (int c = 0; c < 8; ++c) CHECK(a.reg<std::uint32_t>(10, c) == static_cast<std::uint32_t>((12 * 9 + 12 - 8) / 4 + c / 4 * 8 + c % 4 * 2));
    Operand rows = grf(0, Type::ud, 0, 1, 0);
    rows.indirect = rows.per_row = true;
    rows.address_offset = 4;
    OneThread b = assembled(make(Opcode::mov, 8, to(10, Type::ud), rows), platform);
    fill(b);
    b.run();
    for (int c = 0; c < 8; ++c) CHECK(b.reg<std::uint32_t>(10, c) == static_cast<std::uint32_t>(3 * c * c + c + 1));
    Operand d = to(0, Type::ud, 2);
    d.indirect = true;
    d.address_word = 1;
    OneThread e = assembled(make(Opcode::mov, 8, d, grf(20, Type::ud, 8, 8, 1)), platform);
    fill(e);
    poke(e.t->r + RegisterFile::address + 2, static_cast<std::uint16_t>(60 * bytes));
    e.run();
    for (int c = 0; c < 8; ++c) CHECK(e.reg<std::uint32_t>(60, 2 * c) == static_cast<std::uint32_t>(c));
    Operand index = rows;
    index.address_offset = 0;
    OneThread m = assembled(make(Opcode::movi, 8, to(10, Type::ud), index, null(Type::ub)), platform);
    REQUIRE(m.supported());
    fill(m);
    for (int w = 0; w < 8; ++w) poke(m.t->r + RegisterFile::address + 2 * w, static_cast<std::uint16_t>((w == 0 ? 22 : 7) * bytes + 4 * (7 - w)));
    m.run();
    for (int c = 0; c < 8; ++c) CHECK(m.reg<std::uint32_t>(10, c) == static_cast<std::uint32_t>(2 * bytes / 4 + 7 - c));
  }
}
