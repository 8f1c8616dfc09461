#include "xe/compact.h"

#include <initializer_list>

#include "xe/compact_tables.h"

namespace xpuq::xe {
namespace {

/// The next `count` bits of a table entry go to bit `to` of the instruction.
struct Piece {
  int count;
  int to;
};

void spread(Bits128& out, std::uint64_t entry, std::initializer_list<Piece> pieces) {
  for (const Piece& p : pieces) {
    out.put(p.to, entry & ((std::uint64_t{1} << p.count) - 1));
    entry >>= p.count;
  }
}

std::uint32_t field(std::uint64_t bits, int at, int count) {
  return static_cast<std::uint32_t>(bits >> at) & ((1u << count) - 1);
}

enum class Form { none, one_source, two_sources, three_sources };

Form form_of(std::uint32_t opcode) {
  switch (opcode) {
    case 0x01: case 0x43: case 0x44: case 0x45: case 0x46: case 0x47: case 0x4a: case 0x4b: case 0x4c: case 0x4d:
    case 0x61: case 0x64: case 0x77:
      return Form::one_source;
    case 0x52: case 0x58: case 0x59: case 0x5a: case 0x5b: case 0x5d: case 0x6b: case 0x72: case 0x78: case 0x7a:
      return Form::three_sources;
    case 0x40: case 0x41: case 0x42: case 0x48: case 0x49: case 0x4e: case 0x4f: case 0x50: case 0x51: case 0x53:
    case 0x62: case 0x63: case 0x65: case 0x66: case 0x67: case 0x68: case 0x69: case 0x6c: case 0x6e: case 0x6f:
    case 0x70: case 0x71: case 0x79:
      return Form::two_sources;
    default: return Form::none;
  }
}

/// Twelve bits become an immediate of the source's type.
std::uint32_t expand_immediate(std::uint32_t type, std::uint32_t value) {
  const std::uint32_t extended = value & 0x800 ? value | 0xfffff000u : value;
  switch (type) {
    case 1: return value | value << 16;                                     // uw, in both halves
    case 5: return (extended & 0xffff) | extended << 16;                    // w
    case 6: return extended;                                                // d
    case 9: return value << 4 | value << 20;                                // hf: the upper bits
    case 10: return value << 20;                                            // f
    default: return value;                                                  // ub, ud, b, v, uv
  }
}

constexpr std::initializer_list<Piece> kHpgControl = {{13, 16}, {1, 31}, {3, 32}, {4, 92}};
constexpr std::initializer_list<Piece> kTypes = {{9, 35}, {5, 46}, {1, 66}, {4, 88}, {1, 98}};
constexpr std::initializer_list<Piece> kSources3 = {{1, 35}, {5, 43}, {3, 64}, {5, 83}, {1, 91}, {3, 96}, {3, 112}};
constexpr std::initializer_list<Piece> kSubregisters3 = {{5, 51}, {5, 67}, {5, 99}, {5, 115}};
constexpr std::initializer_list<Piece> kControl = {{11, 18}, {1, 31}, {1, 32}, {1, 34}, {4, 92}};
constexpr std::initializer_list<Piece> kControl3 = {{11, 18}, {1, 31}, {1, 32}, {1, 34}, {7, 36}, {3, 48}, {3, 80}, {3, 88}, {2, 92}, {2, 94}};

/// Fields that both generations keep at the same place of a compact instruction with one or two sources.
void expand_registers(Bits128& out, std::uint64_t compact, bool immediate, bool one_source) {
  if (!(immediate && one_source)) out.put(72, field(compact, 40, 8));
  if (!immediate) out.put(104, field(compact, 56, 8));
}

void expand_value(Bits128& out, std::uint64_t compact, bool one_source) {
  const std::uint32_t type = one_source ? out.get(40, 4) : out.get(88, 4);
  out.put(96, expand_immediate(type, static_cast<std::uint32_t>(compact >> 52)));
}

void expand_hpg(Bits128& out, std::uint64_t compact, Form form) {
  out.put(8, field(compact, 8, 8));
  out.put(56, field(compact, 16, 8));
  const std::uint32_t control = field(compact, 24, 5), types = field(compact, 30, 5), subregisters = field(compact, 35, 5);
  if (form == Form::three_sources) {
    spread(out, k_hpg_control3[control],
           {{13, 16}, {1, 31}, {3, 32}, {7, 36}, {3, 48}, {3, 80}, {2, 88}, {1, 90}, {4, 92}});
    spread(out, k_hpg_sources3[types], kSources3);
    spread(out, k_hpg_subregisters3[subregisters], kSubregisters3);
    out.put(72, field(compact, 40, 8));
    out.put(104, field(compact, 56, 8));
    out.put(120, field(compact, 48, 8));
    return;
  }
  const bool one = form == Form::one_source;
  spread(out, k_hpg_control[control], kHpgControl);
  // The types say whether the last source is an immediate; then bits of that source are not there.
  const bool immediate = (k_hpg_types_immediate[types] >> (one ? 9 + 0 : 9 + 1) & 1) != 0;
  spread(out, immediate ? k_hpg_types_immediate[types] : k_hpg_types[types], kTypes);
  expand_registers(out, compact, immediate, one);
  if (one) {
    if (immediate) spread(out, k_hpg_subregisters_immediate[subregisters], {{5, 51}});
    else spread(out, k_hpg_subregisters_one[subregisters], {{5, 51}, {5, 67}});
  } else if (immediate) {
    spread(out, k_hpg_subregisters_one[subregisters], {{5, 51}, {5, 67}});
  } else {
    spread(out, k_hpg_subregisters_two[subregisters], {{5, 51}, {5, 67}, {5, 99}});
  }
  spread(out, k_hpg_source0[field(compact, 48, 4)], {{2, 44}, {2, 64}, {8, 80}});
  if (immediate) expand_value(out, compact, one);
  else spread(out, k_hpg_source1[field(compact, 52, 4)], {{2, 96}, {10, 112}});
}

void expand_hpc(Bits128& out, std::uint64_t compact, Form form, bool xe2) {
  const bool dpas = out.get(0, 7) == 0x59;
  out.put(8, field(compact, 8, 10));
  out.put(56, field(compact, 32, 8));
  const std::uint32_t five = field(compact, 26, 3) | field(compact, 30, 2) << 3;
  if (form == Form::three_sources) {
    const std::uint32_t control = field(compact, 18, 4), sources = field(compact, 22, 4);
    spread(out, dpas ? k_hpc_control_dpas[control] : xe2 ? k_xe2_control3[control] : k_hpc_control3[control], kControl3);
    spread(out, dpas ? k_hpc_sources_dpas[sources] : xe2 ? k_xe2_sources3[sources] : k_hpc_sources3[sources], kSources3);
    spread(out, xe2 ? k_xe2_subregisters3[five] : k_hpc_subregisters3[five], kSubregisters3);
    out.put(72, field(compact, 40, 8));
    out.put(104, field(compact, 56, 8));
    out.put(120, field(compact, 48, 8));
    return;
  }
  const bool one = form == Form::one_source;
  spread(out, (xe2 ? k_xe2_control : k_hpc_control)[field(compact, 18, 5)], kControl);
  // Whether the last source is an immediate: a table of its own on Xe2, two bits of the types on Xe-HPC.
  const std::uint64_t immediates = xe2 ? k_xe2_immediates[five] : k_hpc_types_immediate[five] >> 9;
  const bool immediate = (immediates >> (one ? 0 : 1) & 1) != 0;
  if (xe2) spread(out, immediate ? k_xe2_types_immediate[five] : k_xe2_types[five], kTypes);
  else spread(out, immediate ? k_hpc_types_immediate[five] : k_hpc_types[five], kTypes);
  if (xe2) out.put(46, immediates);
  expand_registers(out, compact, immediate, one);
  spread(out, (xe2 ? k_xe2_subregisters : k_hpc_subregisters)[field(compact, 48, 4)], {{1, 33}, {5, 51}, {5, 67}, {1, 87}});
  spread(out, (xe2 ? k_xe2_source0 : k_hpc_source0)[field(compact, 23, 3)], {{2, 44}, {2, 64}, {7, 80}});
  if (immediate) expand_value(out, compact, one);
  else spread(out, (xe2 ? k_xe2_source1 : k_hpc_source1)[field(compact, 52, 4)], {{2, 96}, {5, 99}, {7, 112}, {2, 120}});
}

}  // namespace

std::optional<Bits128> expand_compact(Encoding encoding, std::uint64_t compact) {
  const Form form = form_of(field(compact, 0, 7));
  if (form == Form::none) return std::nullopt;
  Bits128 out;
  out.put(0, field(compact, 0, 7));
  if (encoding == Encoding::hpg) expand_hpg(out, compact, form);
  else expand_hpc(out, compact, form, encoding == Encoding::xe2);
  return out;
}

}  // namespace xpuq::xe
