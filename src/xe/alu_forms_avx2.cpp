// Functions for the forms of instructions that kernels consist of: no predicate, all channels on, operands one behind the
// other or one for all. Each does what the general function (alu_ops.inl, alu_systolic.inl) does, bit for bit.
#include <bit>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "xe/thread.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt")
namespace xpuq::xe {
namespace {

#define ALWAYS_INLINE __attribute__((always_inline)) inline

template <class E, int N>
struct LanesOf {
  typedef E type __attribute__((vector_size(sizeof(E) * N)));
};
template <class E>
struct LanesOf<E, 1> {
  using type = E;
};
/// N channels; of one channel, a number.
template <class E, int N>
using Lanes = typename LanesOf<E, N>::type;

ALWAYS_INLINE const std::uint8_t* place(const Thread& t, const Source& s) { return s.fixed ? s.fixed : t.r + s.base; }
ALWAYS_INLINE std::uint8_t* place(Thread& t, const Step& s) { return t.r + s.destination.base; }

/// Whether channels are off, which a form does not expect.
ALWAYS_INLINE bool some_off(const Thread& t, const Step& s) { return !s.no_mask && execution_mask(t, s) != lanes(s.channels); }

/// An integer of any type, spread to 64 bits; not negated.
ALWAYS_INLINE std::uint64_t wide_scalar(const Thread& t, const Source& s) {
  const std::uint64_t x = peek<std::uint64_t>(place(t, s)) << s.unused_bits;
  return is_signed(s.type) ? static_cast<std::uint64_t>(static_cast<std::int64_t>(x) >> s.unused_bits) : x >> s.unused_bits;
}

bool is_scalar(const Source& s) { return s.shape == Shape::scalar; }
bool is_word(const Source& s) { return s.type == Type::d || s.type == Type::ud; }
/// Registers whose writing has no further effects.
bool ordinary(const Destination& d) {
  return !d.none && !d.indirect && (d.base < RegisterFile::accumulator || (d.base >= RegisterFile::address && d.base < RegisterFile::control));
}
/// 0 to 5 for 1 to 32 channels.
int width_of(const Step& s) { return std::countr_zero(static_cast<unsigned>(s.channels)); }

/// make<0>, ... make<5> for 1, 2, ... 32 channels.
template <class Make>
Run by_width(const Step& s, Make make) {
  switch (width_of(s)) {
    case 0: return make(std::integral_constant<int, 1>{});
    case 1: return make(std::integral_constant<int, 2>{});
    case 2: return make(std::integral_constant<int, 4>{});
    case 3: return make(std::integral_constant<int, 8>{});
    case 4: return make(std::integral_constant<int, 16>{});
    default: return make(std::integral_constant<int, 32>{});
  }
}
template <class Make>
Run by_truth(bool value, Make make) {
  return value ? make(std::true_type{}) : make(std::false_type{});
}

#include "xe/alu_forms_integer.inl"
#include "xe/alu_forms_float.inl"
#include "xe/alu_forms_products.inl"

}  // namespace

Run avx2_form_of(const Step& s) {
  if (s.opcode == Opcode::dpas) return systolic_form(s);
  for (const Source& x : s.source) {
    if (x.type != Type::none && (x.shape == Shape::indirect || x.absolute)) return nullptr;
  }
  if (s.special_source || s.special_destination || s.destination.indirect) return nullptr;
  if (s.opcode == Opcode::cmp && !s.writes_accumulator) return compare_form(s);
  if (s.predicate != Predicate::none) return nullptr;
  if (s.writes_accumulator) return s.condition == Condition::none && (s.destination.none || ordinary(s.destination)) ? carry_form(s) : nullptr;
  if (!ordinary(s.destination)) return nullptr;
  if (s.domain == Domain::float32) return float_form(s);
  if (s.condition != Condition::none) return nullptr;
  if (s.opcode == Opcode::mov) return move_form(s);
  if (s.saturate || s.domain == Domain::float64) return nullptr;
  if (s.opcode == Opcode::dp4a) return dot_form(s);
  return integer_form(s);
}

}  // namespace xpuq::xe
#pragma GCC pop_options
#else
namespace xpuq::xe {
Run avx2_form_of(const Step&) { return nullptr; }
}  // namespace xpuq::xe
#endif
