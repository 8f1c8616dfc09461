// Arithmetic of single instructions.
#include "catch.h"

#include <cmath>
#include <random>

#include "one_thread.h"
#include "xe/decode.h"
#include "xe/numbers.h"

using namespace xe_test;

TEST_CASE("halves convert to and from float without loss, and round to nearest even") {
  for (std::uint32_t h = 0; h < 0x10000; ++h) {
    const auto half = static_cast<std::uint16_t>(h);
    const float f = float_of_half(half);
    if (f != f) {
      CHECK((half_of_float(f) & 0x7c00) == 0x7c00);
      continue;
    }
    if (half_of_float(f) != half) FAIL(h);
  }
  CHECK(half_of_float(65519.f) == 0x7bff);
  CHECK(half_of_float(65520.f) == 0x7c00);
  CHECK(half_of_float(0x1p-25f) == 0);           // a tie with zero
  CHECK(half_of_float(0x1.8p-25f) == 1);
  CHECK(half_of_float(1.f + 0x1p-11f) == 0x3c00);  // a tie, to even
  CHECK(half_of_float(1.f + 0x1.8p-10f) == 0x3c02);
  CHECK(bfloat_of_float(1.f + 0x1p-8f) == 0x3f80);
  CHECK(bfloat_of_float(1.f + 0x1.8p-7f) == 0x3f82);
}

TEST_CASE("regions: scalar, strided, rows, packed immediates") {
  OneThread rows(make(Opcode::mov, 16, to(10, Type::uw), grf(1, Type::uw, 8, 4, 1)));
  for (int k = 0; k < 64; ++k) rows.reg<std::uint16_t>(1, k) = static_cast<std::uint16_t>(k);
  rows.run();
  for (int c = 0; c < 16; ++c) CHECK(rows.reg<std::uint16_t>(10, c) == c / 4 * 8 + c % 4);

  OneThread strided(make(Opcode::mov, 8, to(10, Type::ub, 4), grf(1, Type::ud, 1, 1, 0)));
  for (int k = 0; k < 8; ++k) {
    strided.reg<std::uint32_t>(1, k) = 0x100u + static_cast<std::uint32_t>(k);
    strided.reg<std::uint32_t>(10, k) = 0xffffffffu;
  }
  strided.run();
  for (int k = 0; k < 8; ++k) CHECK(strided.reg<std::uint32_t>(10, k) == 0xffffff00u + static_cast<std::uint32_t>(k));

  OneThread packed(make(Opcode::mov, 16, to(10, Type::w), value(Type::v, 0xfedc3210)));
  packed.run();
  CHECK(packed.reg<std::int16_t>(10, 3) == 3);
  CHECK(packed.reg<std::int16_t>(10, 12) == -4);
}

TEST_CASE("the execution mask and predicates keep channels as they were") {
  Instruction i = make(Opcode::mov, 16, to(10, Type::d), value(Type::d, 7));
  i.no_mask = false;
  i.predicate = Predicate::normal;
  OneThread t(i);
  t.t->active = 0x0ff0;
  poke(t.t->r + RegisterFile::flag, std::uint16_t{0xaaaa});
  t.run();
  for (int c = 0; c < 16; ++c) CHECK(t.reg<std::int32_t>(10, c) == ((0x0ff0 & 0xaaaa) >> c & 1 ? 7 : 0));
}

TEST_CASE("saturation and conversion end at the limits of the type") {
  const auto convert = [](Type from, std::uint64_t bits, Type d, bool saturate, std::uint32_t control = 0) {
    Instruction i = make(Opcode::mov, 1, to(10, d), value(from, bits));
    i.saturate = saturate;
    OneThread t(i);
    poke(t.t->r + RegisterFile::control, control);
    t.run();
    return t.reg<std::int32_t>(10);
  };
  CHECK(convert(Type::d, 300, Type::b, true) == 127);
  CHECK(convert(Type::d, 300, Type::ub, false) == 300 - 256);
  CHECK(convert(Type::d, static_cast<std::uint32_t>(-5), Type::ub, true) == 0);
  CHECK(convert(Type::ud, 0xffffffff, Type::b, true) == 127);
  const auto f = [](float x) { return std::uint64_t{std::bit_cast<std::uint32_t>(x)}; };
  CHECK(convert(Type::f, f(2.5f), Type::d, false) == 2);
  CHECK(convert(Type::f, f(-2.5f), Type::d, false) == -2);
  CHECK(convert(Type::f, f(2.5f), Type::d, false, 0x1000) == 2);   // to nearest even
  CHECK(convert(Type::f, f(3.5f), Type::d, false, 0x1000) == 4);
  CHECK(convert(Type::f, f(1e20f), Type::d, false) == 0x7fffffff);
  CHECK(convert(Type::f, f(NAN), Type::d, false) == 0);
  CHECK(convert(Type::f, f(300.f), Type::ub, false) == 255);
  CHECK(convert(Type::f, f(3e9f), Type::ud, false) == static_cast<std::int32_t>(3000000000u));
}

TEST_CASE("rounding follows cr0") {
  Instruction i = make(Opcode::add, 1, to(10, Type::f), value(Type::f, 0x3f800000), value(Type::f, std::bit_cast<std::uint32_t>(0x1p-25f)));
  for (std::uint32_t mode = 0; mode < 4; ++mode) {
    OneThread t(i);
    poke(t.t->r + RegisterFile::control, mode << 4);
    t.run();
    CHECK(t.reg<float>(10) == (mode == 1 ? std::nextafter(1.f, 2.f) : 1.f));
  }
}

TEST_CASE("a 32-bit product in two steps through the accumulator") {
  for (const bool high : {false, true}) {
    for (const auto& [x, y] : {std::pair<std::int32_t, std::int32_t>{123456789, -987654321}, {-1, -1}, {INT32_MIN, 3}}) {
      Operand acc = to(0, Type::d);
      acc.file = File::accumulator;
      Operand low = grf(2, Type::uw, 0, 1, 0);
      OneThread t(make(Opcode::mul, 1, acc, grf(1, Type::d), low));
      t.reg<std::int32_t>(1) = x;
      t.reg<std::int32_t>(2) = y;
      t.run();
      Instruction second = make(high ? Opcode::mach : Opcode::macl, 1, to(10, Type::d), grf(1, Type::d), grf(2, Type::d));
      second.writes_accumulator = high;
      OneThread u(second);
      std::memcpy(u.t->r, t.t->r, sizeof t.t->r);
      std::memcpy(u.t->wide, t.t->wide, sizeof t.t->wide);
      u.run();
      const std::int64_t product = std::int64_t{x} * y;
      CHECK(u.reg<std::int32_t>(10) == static_cast<std::int32_t>(high ? product >> 32 : product));
    }
  }
}

TEST_CASE("plain and vector code of the host give the same") {
  std::mt19937 rng(7);
  const Opcode opcodes[] = {Opcode::mov, Opcode::add, Opcode::mul, Opcode::mad, Opcode::add3, Opcode::and_, Opcode::or_, Opcode::xor_, Opcode::not_,
                            Opcode::shl, Opcode::shr, Opcode::asr, Opcode::sel, Opcode::cmp, Opcode::csel, Opcode::avg, Opcode::addc, Opcode::subb,
                            Opcode::dp4a, Opcode::bfn, Opcode::bfe, Opcode::bfi1, Opcode::bfi2, Opcode::cbit, Opcode::fbh, Opcode::fbl, Opcode::lzd,
                            Opcode::rol, Opcode::ror, Opcode::bfrev, Opcode::rnde, Opcode::rndz, Opcode::rndd, Opcode::rndu, Opcode::frc, Opcode::mac};
  const Type integers[] = {Type::ub, Type::b, Type::uw, Type::w, Type::ud, Type::d, Type::uq, Type::q};
  const Type floats[] = {Type::hf, Type::f, Type::bf, Type::df};
  int executed = 0;
  for (int k = 0; k < 30000; ++k) {
    const bool real = rng() % 2 == 0;
    const auto type = [&] { return real ? floats[rng() % 4] : integers[rng() % 8]; };
    const auto source = [&](int reg) {
      Operand o = rng() % 6 == 0 ? grf(reg, type(), 0, 1, 0) : rng() % 5 == 0 ? grf(reg, type(), 4, 2, 1) : grf(reg, type(), 1, 1, 0);
      o.negate = rng() % 4 == 0;
      o.absolute = rng() % 6 == 0;
      return o;
    };
    const int channels = 1 << rng() % 6;
    Instruction i = make(opcodes[rng() % std::size(opcodes)], channels, to(10, rng() % 4 == 0 ? integers[rng() % 8] : type(), 1 << rng() % 2), source(40), source(80), source(120));
    i.no_mask = false;
    i.saturate = rng() % 4 == 0;
    i.table = static_cast<std::uint8_t>(rng());
    i.writes_accumulator = rng() % 8 == 0;
    if (rng() % 2) i.condition = static_cast<Condition>(1 + rng() % 6);
    if (rng() % 3 == 0) i.predicate = Predicate::normal;
    OneThread a(i, Platform::pvc);
    if (a.code->steps[0].run == run_unsupported) continue;
    ++executed;
    for (int w = 0; w < 200 * 16; ++w) {
      // Floats that are mostly ordinary, and any bits.
      a.reg<std::uint32_t>(0, w) = rng() % 4 == 0 ? static_cast<std::uint32_t>(rng()) : (static_cast<std::uint32_t>(rng()) & 0x81ffffffu) | 0x3e000000u;
    }
    poke(a.t->r + RegisterFile::flag, static_cast<std::uint32_t>(rng()));
    a.t->dispatch = a.t->active = static_cast<std::uint32_t>(rng());
    OneThread b(i, Platform::pvc);
    std::memcpy(b.t->r, a.t->r, sizeof a.t->r);
    b.t->dispatch = b.t->active = a.t->active;
    a.run();
    b.run(true);
    // The payload of a not-a-number may differ; nothing else may.
    const bool same = std::memcmp(a.t->r, b.t->r, RegisterFile::end) == 0;
    if (!same) {
      const int size = size_of(i.destination.type);
      bool only_nan = is_float(i.destination.type);
      for (int c = 0; only_nan && c < channels; ++c) {
        const std::uint8_t *p = a.t->r + 640 + c * size * i.destination.horizontal, *q = b.t->r + 640 + c * size * i.destination.horizontal;
        if (std::memcmp(p, q, static_cast<std::size_t>(size)) == 0) continue;
        only_nan = size == 2 ? (peek<std::uint16_t>(p) & 0x7c00) == 0x7c00 || (peek<std::uint16_t>(p) & 0x7f80) == 0x7f80
                 : size == 4 ? std::isnan(peek<float>(p)) : std::isnan(peek<double>(p));
      }
      if (!only_nan) FAIL(text_of(i));
    }
  }
  CHECK(executed > 10000);
}

TEST_CASE("threads wait at the named barrier that a register tells, until producers and consumers have come") {
  // sync.bar f1.0:uw, as in oneDNN's gemm kernels.
  const auto wait = decode_instruction(Platform::bmg, {0x0001010080000001, 0xe0003100}, 0, "test");
  REQUIRE(wait.ok());
  OneThread t(*wait, Platform::bmg);
  poke(t.t->r + RegisterFile::flag + 4, std::uint16_t{3});
  const auto comes = [&](std::uint8_t kind, std::uint8_t producers, std::uint8_t consumers) {
    Instruction i;
    i.opcode = Opcode::send;
    i.no_mask = true;
    i.destination.file = i.source[1].file = File::null;
    i.source[0] = grf(1, Type::ud);
    i.send.unit = Unit::gateway;
    i.send.descriptor = 4;
    OneThread other(i, Platform::bmg);
    other.t->group = &t.group;
    const std::uint8_t header[] = {3, static_cast<std::uint8_t>(kind << 6), producers, consumers};
    std::memcpy(&other.reg<std::uint32_t>(1, 2), header, sizeof header);
    other.run();
    CHECK(other.t->state == ThreadState::running);
    t.t->awaits = other.t->awaits;
  };
  const auto goes_on = [&] {
    t.t->state = ThreadState::running;
    t.t->ip = 1;
    t.run();
    CHECK(t.t->ip == (t.t->state == ThreadState::running ? 1u : 0u));
    if (t.t->state != ThreadState::running) CHECK((t.t->state == ThreadState::waits_barrier && t.t->waits_for == 3));
    return t.t->state == ThreadState::running;
  };
  CHECK(goes_on());  // it has signalled nothing
  comes(0, 2, 2);
  CHECK_FALSE(goes_on());
  comes(0, 2, 2);
  CHECK(t.group.barriers[3].opened == 1);
  CHECK(goes_on());
  comes(2, 1, 1);  // consumes only
  CHECK_FALSE(goes_on());
  comes(1, 1, 1);  // produces only
  CHECK(goes_on());
  CHECK(t.group.barriers[0].opened == 0);
  // sync.bar 0x3 and 0x0, as Intel's compiler writes them.
  const auto fixed = [](std::uint64_t number) { return decode_instruction(Platform::bmg, {0x0001420080000001, number << 32 | 0xe0000000}, 0, "test"); };
  for (std::uint64_t number : {std::uint64_t{0}, std::uint64_t{3}}) {
    REQUIRE(fixed(number).ok());
    OneThread other(*fixed(number), Platform::bmg);
    other.t->awaits[number] = 1;
    other.t->ip = 1;
    other.run();
    CHECK(other.t->state == ThreadState::waits_barrier);
    CHECK(other.t->waits_for == static_cast<int>(number));
    other.group.barriers[number].opened = 1;
    other.t->state = ThreadState::running;
    other.run();
    CHECK(other.t->state == ThreadState::running);
  }
  CHECK_FALSE(fixed(32).ok());
}
