// dpas and dpasw with all precisions and repeat counts against vISA's description (documentation/visa/instructions/DPAS.md
// and DPASW.md of intel-graphics-compiler), spelled out element by element.
#include "catch.h"

#include <random>
#include <set>

#include "assembler.h"
#include "form_parser.h"
#include "forms.h"
#include "model.h"
#include "one_thread.h"
#include "xe/decode.h"

using namespace xe_test;

namespace {

/// Element k of packed elements.
Number element(const std::uint8_t* p, int k, Type type) {
  const int bits = bits_of(type);
  if (type == Type::tf32) {
    std::uint32_t word = 0;
    std::memcpy(&word, p + 4 * k, 4);
    word &= ~0x1fffu;
    return read_number(reinterpret_cast<const std::uint8_t*>(&word), Type::f);
  }
  if (bits >= 8) return read_number(p + k * bits / 8, type);
  const int raw = p[k * bits / 8] >> k * bits % 8 & ((1 << bits) - 1);
  const bool negative = (type == Type::s4 || type == Type::s2) && raw >> (bits - 1) != 0;
  return {false, negative ? raw - (1 << bits) : raw, 0};
}

/// The result for all rows; `x` holds the rows of src2.
std::vector<std::uint8_t> expected(const Instruction& i, const std::uint8_t* sums, const std::uint8_t* weights, const std::uint8_t* x) {
  const Type wt = i.source[1].type, xt = i.source[2].type, dt = i.destination.type;
  const int n = i.channels, most = std::max(bits_of(wt), bits_of(xt)), products = most == 32 ? 1 : most == 16 ? 2 : most == 8 ? 4 : 8;
  const int per_word = 32 / (products * bits_of(wt));
  std::vector<std::uint8_t> out(static_cast<std::size_t>(i.repeat * n * size_of(dt)));
  for (int r = 0; r < i.repeat; ++r) {
    for (int c = 0; c < n; ++c) {
      Number sum{is_float(dt), 0, 0};
      if (i.source[0].file != File::null) sum = read_number(sums + (r * n + c) * size_of(i.source[0].type), i.source[0].type);
      auto real = static_cast<float>(sum.f);
      for (int step = 0; step < 8; ++step) {
        const std::uint8_t* word = weights + (step / per_word * n + c) * 4;
        for (int k = 0; k < products; ++k) {
          const Number a = element(word, step % per_word * products + k, wt), b = element(x, (r * 8 + step) * products + k, xt);
          sum.i += a.i * b.i;
          real += static_cast<float>(a.f) * static_cast<float>(b.f);
        }
      }
      sum.f = real;
      write_number(&out[static_cast<std::size_t>((r * n + c) * size_of(dt))], dt, sum, i.saturate && !is_float(dt), 0);
    }
  }
  return out;
}

/// Floats that are whole numbers of a few bits: their sums are exact in any order.
void fill(std::uint8_t* p, int count, Type type, std::mt19937& rng) {
  for (int k = 0; k < count; ++k) {
    if (is_float(type)) {
      const int span = size_of(type) == 1 ? 7 : 63;
      write_number(p + k * size_of(type), type == Type::tf32 ? Type::f : type, {false, static_cast<int>(rng() % static_cast<unsigned>(2 * span + 1)) - span, 0}, false, 0);
    } else {
      for (int b = 0; b < size_of(type); ++b) p[k * size_of(type) + b] = static_cast<std::uint8_t>(rng());
    }
  }
}

Instruction dpas(Opcode opcode, Platform platform, int repeat, Type d, Type sums, Type w, Type x) {
  const int n = traits_of(platform).register_bytes / 4;
  Instruction i = make(opcode, n, to(100, d), sums == Type::none ? null(d) : grf(20, sums), grf(40, w), grf(60, x));
  i.depth = 8;
  i.repeat = static_cast<std::uint8_t>(repeat);
  return i;
}

void check(const Instruction& wanted, Platform platform, std::mt19937& rng) {
  const auto i = decode_instruction(platform, encode(platform, wanted), 0, "test");
  REQUIRE(i.ok());
  INFO(form_of(wanted) << (wanted.saturate ? ", saturated" : "") << " on " << traits_of(platform).name);
  REQUIRE(form_of(*i) == form_of(wanted));
  const bool pair = i->opcode == Opcode::dpasw;
  OneThread even(*i, platform), odd(*i, platform);
  odd.t->number = 1;
  even.t->pair = odd.t.get();
  odd.t->pair = even.t.get();
  REQUIRE(even.supported());
  const int grf = traits_of(platform).register_bytes, row = 8 * bits_of(i->source[2].type) * (32 / std::max({bits_of(i->source[1].type), bits_of(i->source[2].type), 4})) / 8;
  for (OneThread* t : {&even, &odd}) {
    fill(t->t->r + 20 * grf, 8 * i->channels, i->source[0].file == File::null ? Type::d : i->source[0].type, rng);
    fill(t->t->r + 40 * grf, 8 * grf / std::max(size_of(i->source[1].type), 1), i->source[1].type, rng);
    fill(t->t->r + 60 * grf, 8 * 32, is_float(i->source[2].type) ? i->source[2].type : Type::ub, rng);
  }
  // What a pair shares: the first half of the registers, rounded up, is the even thread's.
  const int all = i->repeat * row, registers = (all + 31) / 32, first = std::min((registers + 1) / 2 * 32, all);
  std::vector<std::uint8_t> x(even.t->r + 60 * grf, even.t->r + 60 * grf + 8 * 32);
  if (pair) std::copy_n(odd.t->r + 60 * grf, all - first, x.begin() + first);
  for (const bool plain : {false, true}) {
    const auto want = expected(*i, even.t->r + 20 * grf, even.t->r + 40 * grf, x.data());
    std::memset(even.t->r + 100 * grf, 0, static_cast<std::size_t>(8 * grf));
    (plain ? alu_table_plain() : alu_table()).systolic(*even.t, even.code->steps[0]);
    CHECK(std::memcmp(even.t->r + 100 * grf, want.data(), want.size()) == 0);
  }
}

}  // namespace

TEST_CASE("dpas multiplies rows and columns of all precisions, for all repeat counts") {
  std::mt19937 rng(21);
  const Type integers[] = {Type::b, Type::ub, Type::s4, Type::u4, Type::s2, Type::u2};
  for (const Platform platform : {Platform::dg2, Platform::bmg}) {
    for (const Type w : integers) {
      for (const Type x : integers) {
        for (int repeat = 1; repeat <= 8; ++repeat) check(dpas(Opcode::dpas, platform, repeat, Type::d, repeat % 3 == 0 ? Type::none : Type::d, w, x), platform, rng);
        Instruction saturated = dpas(Opcode::dpas, platform, 2, w == Type::ub ? Type::ud : Type::d, w == Type::ub ? Type::ud : Type::d, w, x);
        saturated.saturate = true;
        check(saturated, platform, rng);
        if (platform == Platform::dg2) check(dpas(Opcode::dpasw, platform, 8, Type::d, Type::d, w, x), platform, rng);
      }
    }
    for (int repeat = 1; repeat <= 8; ++repeat) {
      for (const Type x : {Type::hf, Type::bf}) {
        for (const Type d : {Type::f, x}) {
          for (const Type sums : {Type::f, x, Type::none}) check(dpas(Opcode::dpas, platform, repeat, d, sums, x, x), platform, rng);
        }
      }
    }
  }
  for (int repeat = 1; repeat <= 8; ++repeat) {
    check(dpas(Opcode::dpas, Platform::bmg, repeat, Type::f, Type::f, Type::tf32, Type::tf32), Platform::bmg, rng);
    check(dpas(Opcode::dpas, Platform::pvc, repeat, Type::f, Type::f, Type::bf8, Type::hf8), Platform::pvc, rng);
  }
  for (int repeat : {2, 4, 8}) check(dpas(Opcode::dpasw, Platform::dg2, repeat, Type::f, Type::f, Type::bf, Type::bf), Platform::dg2, rng);
}

TEST_CASE("every form of dpas in recorded plans does what vISA says") {
  std::mt19937 rng(22);
  std::set<std::string> checked;
  for (const ListedForm& listed : listed_forms()) {
    if (!listed.form.starts_with("dpas")) continue;
    const Platform platform = platform_of(listed.encoding);
    const Opcode opcode = listed.form.starts_with("dpasw") ? Opcode::dpasw : Opcode::dpas;
    const int repeat = listed.form[listed.form.find('x') + 1] - '0';
    const bool real = listed.form.find(" f|") != std::string::npos, first = listed.form.find("|null") != std::string::npos;
    const Type sum = real ? Type::f : Type::d, element = real ? Type::bf : Type::b;
    const Instruction i = dpas(opcode, platform, repeat, sum, first ? Type::none : sum, element, element);
    REQUIRE(form_of(i) == listed.form);
    REQUIRE(i.channels == listed.channels);
    check(i, platform, rng);
    checked.insert(listed.form);
  }
  CHECK(checked.size() > 20);
}

TEST_CASE("dpas that no machine has is refused") {
  for (const auto& [platform, i] : {std::pair{Platform::dg2, dpas(Opcode::dpas, Platform::dg2, 8, Type::f, Type::f, Type::tf32, Type::tf32)},
                                    std::pair{Platform::bmg, dpas(Opcode::dpas, Platform::bmg, 8, Type::f, Type::f, Type::bf8, Type::bf8)},
                                    std::pair{Platform::bmg, dpas(Opcode::dpasw, Platform::bmg, 8, Type::d, Type::d, Type::b, Type::b)},
                                    std::pair{Platform::mtl, dpas(Opcode::dpas, Platform::mtl, 8, Type::d, Type::d, Type::b, Type::b)}}) {
    CHECK_FALSE(OneThread(i, platform).supported());
  }
  Instruction shallow = dpas(Opcode::dpas, Platform::dg2, 8, Type::d, Type::d, Type::b, Type::b);
  shallow.depth = 4;
  CHECK_FALSE(OneThread(shallow, Platform::dg2).supported());
}
