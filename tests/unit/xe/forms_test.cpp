// Functions for special forms of instructions against the general ones in plain code.
#include "catch.h"

#include <bit>
#include <cmath>
#include <random>

#include "one_thread.h"

using namespace xe_test;

namespace {

/// Runs an instruction in both ways on random registers. "": it has no special form or both give the same.
std::string difference(const Instruction& i, std::mt19937& rng, int& special, std::uint32_t control) {
  OneThread a(i, Platform::pvc), b(i, Platform::pvc);
  const Step& s = a.code->steps[0];
  if (s.run == run_unsupported || s.run == s.general || s.general == nullptr) return "";
  ++special;
  for (int w = 0; w < 200 * 16; ++w) {
    const auto x = static_cast<std::uint32_t>(rng());
    // Any bits, floats of ordinary size, and the ends of a range.
    a.reg<std::uint32_t>(0, w) = x % 3 == 0 ? static_cast<std::uint32_t>(rng()) : x % 3 == 1 ? (static_cast<std::uint32_t>(rng()) & 0x83ffffffu) | 0x40000000u : 0x80808080u;
  }
  poke(a.t->r + RegisterFile::flag, static_cast<std::uint64_t>(rng()));
  poke(a.t->r + RegisterFile::control, control);
  a.t->dispatch = a.t->active = rng() % 2 ? ~0u : static_cast<std::uint32_t>(rng());
  std::memcpy(b.t->r, a.t->r, sizeof a.t->r);
  b.t->dispatch = b.t->active = a.t->active;
  a.run();
  b.run(true);
  if (std::memcmp(a.t->wide, b.t->wide, sizeof a.t->wide) != 0) return text_of(i);
  if (std::memcmp(a.t->r, b.t->r, RegisterFile::end) == 0) return "";
  // The payload of a not-a-number may differ.
  for (int w = 0; w < static_cast<int>(RegisterFile::end) / 4; ++w) {
    const auto x = peek<float>(a.t->r + 4 * w), y = peek<float>(b.t->r + 4 * w);
    if (std::bit_cast<std::uint32_t>(x) != std::bit_cast<std::uint32_t>(y) && !(i.destination.type == Type::f && std::isnan(x) && std::isnan(y))) return text_of(i);
  }
  return "";
}

template <class Make>
void compare_forms(int least, unsigned seed, Make make) {
  if (alu_table_avx2() == nullptr) return;
  std::mt19937 rng(seed);
  int special = 0;
  for (int k = 0; k < 6000; ++k) {
    Instruction i = make(rng);
    i.no_mask = rng() % 2 == 0;
    const std::string text = difference(i, rng, special, (rng() % 4) << 4 | (rng() % 2) << 12);
    if (!text.empty()) FAIL(text);
  }
  CHECK(special >= least);
}

template <class T>
T any_of(std::mt19937& rng, std::initializer_list<T> list) { return *(list.begin() + rng() % list.size()); }

/// A register, one for all channels, or a number.
Operand any_source(std::mt19937& rng, int reg, Type type, bool spread) {
  Operand o = grf(reg, type, spread && rng() % 3 != 0 ? 1 : 0);
  if (rng() % 4 == 0 && size_of(type) > 1) o = value(type, (static_cast<std::uint64_t>(rng()) << 32 | rng()) >> (64 - 8 * size_of(type)));
  if (o.file == File::general) o.negate = rng() % 4 == 0;
  return o;
}

}  // namespace

TEST_CASE("forms of integer instructions") {
  compare_forms(2000, 1, [](std::mt19937& rng) {
    const auto opcode = any_of(rng, {Opcode::add, Opcode::mul, Opcode::and_, Opcode::or_, Opcode::xor_, Opcode::shl, Opcode::shr, Opcode::asr, Opcode::mad, Opcode::add3});
    const int channels = 1 << rng() % 6;
    const auto type = [&] { return rng() % 2 ? any_of(rng, {Type::d, Type::ud}) : any_of(rng, {Type::ub, Type::b, Type::uw, Type::w, Type::uq, Type::q}); };
    const auto source = [&](int reg) { const Type t = type(); return any_source(rng, reg, t, channels > 1 && size_of(t) == 4); };
    return make(opcode, channels, to(10, channels > 1 && rng() % 4 ? any_of(rng, {Type::d, Type::ud}) : type()), source(40), source(80), source(120));
  });
}

TEST_CASE("forms of additions with a carry") {
  compare_forms(2000, 5, [](std::mt19937& rng) {
    const auto source = [&](int reg) {
      Operand o = any_source(rng, reg, any_of(rng, {Type::ud, Type::uw}), false);
      o.negate = false;
      return o;
    };
    Operand d = to(10, Type::ud);
    if (rng() % 4 == 0) d.file = File::null;
    Instruction i = make(any_of(rng, {Opcode::addc, Opcode::subb}), 1, d, source(40), source(80));
    i.writes_accumulator = true;
    return i;
  });
}

TEST_CASE("forms of moves, and of comparisons of scalars") {
  compare_forms(3000, 2, [](std::mt19937& rng) {
    const auto type = [&] { return any_of(rng, {Type::ub, Type::b, Type::uw, Type::w, Type::ud, Type::d, Type::f, Type::uq}); };
    const int channels = 1 << rng() % 6;
    if (rng() % 4 == 0) {
      Operand none;
      none.file = File::null;
      none.type = Type::d;
      Instruction i = make(Opcode::cmp, channels, none, any_source(rng, 40, any_of(rng, {Type::d, Type::ud, Type::w, Type::uw}), false), any_source(rng, 80, any_of(rng, {Type::d, Type::ud, Type::w}), false));
      i.condition = static_cast<Condition>(1 + rng() % 6);
      if (rng() % 2) i.predicate = Predicate::normal;
      return i;
    }
    const Type from = type();
    Operand source = any_source(rng, 40, from, true);
    if (source.file == File::general && rng() % 3 == 0) source = grf(40, from, any_of(rng, {2, 4}));
    Instruction i = make(Opcode::mov, channels, to(10, type(), any_of(rng, {1, 1, 2, 4})), source);
    i.saturate = rng() % 8 == 0;
    return i;
  });
}

TEST_CASE("forms of float instructions") {
  compare_forms(2500, 3, [](std::mt19937& rng) {
    const auto opcode = any_of(rng, {Opcode::add, Opcode::mul, Opcode::mad, Opcode::csel, Opcode::mov});
    const int channels = 1 << rng() % 6;
    Instruction i = make(opcode, channels, to(10, Type::f), any_source(rng, 40, Type::f, true), any_source(rng, 80, Type::f, true), any_source(rng, 120, Type::f, true));
    if (opcode == Opcode::mov) i.destination = to(10, any_of(rng, {Type::b, Type::ub, Type::w, Type::uw}), any_of(rng, {1, 2, 4}));
    if (opcode == Opcode::csel) i.condition = static_cast<Condition>(1 + rng() % 6);
    return i;
  });
}

TEST_CASE("forms of dp4a and dpas") {
  compare_forms(4000, 4, [](std::mt19937& rng) {
    const bool systolic = rng() % 2;
    const auto bytes = [&] { return any_of(rng, {Type::b, Type::ub}); };
    const auto words = [&] { return any_of(rng, {Type::d, Type::ud}); };
    if (!systolic) return make(Opcode::dp4a, any_of(rng, {8, 16}), to(10, Type::d), grf(40, words()), grf(80, words()), grf(120, words(), rng() % 2 ? 0 : 1));
    Instruction i = make(Opcode::dpas, 16, to(10, Type::d), grf(rng() % 2 ? 10 : 40, Type::d), grf(60, bytes()), grf(80, bytes()));
    if (rng() % 4 == 0) i.source[0].file = File::null;
    i.depth = 8;
    i.repeat = static_cast<std::uint8_t>(1 + rng() % 8);
    return i;
  });
}
