// Rare moves, channel by channel: numbers of 8 bits, random rounding, moves by index.
// Sources: vISA's pages FCVT.md and SRND.md (documentation/visa/instructions of intel-graphics-compiler): to nearest even,
// tiny numbers stay, bf8 is E5M2; IGA's type tables (visa/iga/IGALibrary/Models/bxml); PRM volume 7, "Move Indexed".
#include <bit>

#include "xe/numbers.h"
#include "xe/thread.h"

namespace xpuq::xe {
namespace {

std::uint32_t writing_mask(const Thread& t, const Step& s) {
  const std::uint32_t mask = execution_mask(t, s);
  return s.predicate == Predicate::none ? mask : mask & predicate_mask(t, s, mask);
}

/// A bf8 is the upper half of a half.
std::uint8_t bf8_of_half(std::uint16_t h) {
  if ((h & 0x7fff) > 0x7c00) return static_cast<std::uint8_t>(h >> 8 | 2);
  return static_cast<std::uint8_t>((h + 0x7f + (h >> 8 & 1)) >> 8);
}

/// A float with ten bits of fraction; what is no normal number then becomes zero.
std::uint32_t tf32_of_float(std::uint32_t f) {
  if ((f & 0x7fffffff) > 0x7f800000) return (f | 0x400000) & ~0x1fffu;
  if ((f & 0x7f800000) == 0) return f & 0x80000000u;
  return (f + 0xfff + (f >> 13 & 1)) & ~0x1fffu;
}

/// The float's fraction plus 13 random bits, cut to that of a half.
std::uint16_t half_by_chance(std::uint32_t f, std::uint32_t random) {
  if ((f & 0x7f800000) == 0x7f800000) return half_of_float(std::bit_cast<float>(f));
  const std::uint32_t sum = (f & 0x7fffffff) + (random & 0x1fff);
  const auto sign = static_cast<std::uint16_t>(f >> 16 & 0x8000);
  if (sum >= 0x47800000) return static_cast<std::uint16_t>(sign | 0x7c00);
  if (sum >= 0x38800000) return static_cast<std::uint16_t>(sign | (sum - 0x38000000) >> 13);
  return static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>(std::bit_cast<float>(sum) * 0x1p24f));
}

}  // namespace

void run_small_float(Thread& t, const Step& s) {
  for (std::uint32_t mask = writing_mask(t, s); mask != 0; mask &= mask - 1) {
    const int c = std::countr_zero(mask);
    const std::uint8_t* p = element_of(t, s.source[0], c);
    std::uint8_t* to = t.r + s.destination.base + c * s.destination.step;
    if (s.destination.type == Type::tf32) poke(to, tf32_of_float(peek<std::uint32_t>(p)));
    else if (s.destination.type == Type::bf8) poke(to, bf8_of_half(peek<std::uint16_t>(p)));
    else poke(to, static_cast<std::uint16_t>(*p << 8));
  }
}

void run_srnd(Thread& t, const Step& s) {
  for (std::uint32_t mask = writing_mask(t, s); mask != 0; mask &= mask - 1) {
    const int c = std::countr_zero(mask);
    const std::uint8_t *p = element_of(t, s.source[0], c), *random = element_of(t, s.source[1], c);
    std::uint8_t* to = t.r + s.destination.base + c * s.destination.step;
    if (s.destination.type == Type::hf) {
      poke(to, half_by_chance(peek<std::uint32_t>(p), peek<std::uint16_t>(random)));
    } else {
      const auto h = peek<std::uint16_t>(p);
      poke(to, static_cast<std::uint8_t>((h & 0x7c00) == 0x7c00 ? bf8_of_half(h) : (h + *random) >> 8));
    }
  }
}

// All channels take the register that the first element of a0 names; each has a byte in it of its own.
void run_movi(Thread& t, const Step& s) {
  const auto grf = t.worker->register_bytes;
  const Source& x = s.source[0];
  const auto named = [&](int c) { return peek<std::uint16_t>(t.r + RegisterFile::address + 2 * ((x.address_word + c) & 15)) + x.address_offset; };
  const int first = named(0);
  if (first < 0 || first >= 256 * grf) return fail(t, "an indirect operand lies outside the registers", "byte " + std::to_string(first));
  std::uint32_t values[32];
  for (int c = 0; c < s.channels; ++c) values[c] = peek<std::uint32_t>(t.r + first / grf * grf + (named(c) & (grf - 4)));
  for (std::uint32_t mask = writing_mask(t, s); mask != 0; mask &= mask - 1) {
    const int c = std::countr_zero(mask);
    poke(t.r + s.destination.base + c * s.destination.step, values[c]);
  }
}

}  // namespace xpuq::xe
