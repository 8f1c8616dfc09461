// One decoded instruction: every field as the hardware sees it, nothing prepared for execution yet.
// Source of names and encodings: Intel's Programmer's Reference Manuals (DG2, volume 9, "Execution Unit ISA"), the
// opcode tables of IGA (visa/iga/IGALibrary/Models/bxml) and nGEN (oneDNN, third_party/ngen/ngen_gen12.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "xe/annotation.h"

namespace xpuq::xe {

/// Codes of the instruction set.
enum class Opcode : std::uint8_t {
  illegal = 0x00, sync = 0x01, jmpi = 0x20, brd = 0x21, if_ = 0x22, brc = 0x23, else_ = 0x24, endif = 0x25, while_ = 0x27,
  break_ = 0x28, cont = 0x29, halt = 0x2a, calla = 0x2b, call = 0x2c, ret = 0x2d, goto_ = 0x2e, join = 0x2f, send = 0x31,
  sendc = 0x32, math = 0x38, add = 0x40, mul = 0x41, avg = 0x42, frc = 0x43, rndu = 0x44, rndd = 0x45, rnde = 0x46,
  rndz = 0x47, mac = 0x48, mach = 0x49, lzd = 0x4a, fbh = 0x4b, fbl = 0x4c, cbit = 0x4d, addc = 0x4e, subb = 0x4f,
  add3 = 0x52, macl = 0x53, srnd = 0x54, dp4a = 0x58, dpas = 0x59, dpasw = 0x5a, mad = 0x5b, madm = 0x5d, nop = 0x60,
  mov = 0x61, sel = 0x62, movi = 0x63, not_ = 0x64, and_ = 0x65, or_ = 0x66, xor_ = 0x67, shr = 0x68, shl = 0x69,
  smov = 0x6a, bfn = 0x6b, asr = 0x6c, ror = 0x6e, rol = 0x6f, cmp = 0x70, cmpn = 0x71, csel = 0x72, bfrev = 0x77,
  bfe = 0x78, bfi1 = 0x79, bfi2 = 0x7a,
};

/// Element types by their 4-bit codes; those above 15 occur as immediates or inside dpas only.
enum class Type : std::uint8_t {
  ub, uw, ud, uq, b, w, d, q, bf8, hf, f, df, hf8, bf, tf32, reserved, v, uv, vf, u4, s4, u2, s2, none,
};
constexpr int size_of(Type type) {
  constexpr int sizes[] = {1, 2, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 1, 2, 4, 0, 4, 4, 4, 1, 1, 1, 1, 0};
  return sizes[static_cast<int>(type)];
}
constexpr int bits_of(Type type) {
  if (type == Type::u4 || type == Type::s4) return 4;
  return type == Type::u2 || type == Type::s2 ? 2 : 8 * size_of(type);
}
constexpr bool is_float(Type type) {
  return type == Type::hf || type == Type::bf || type == Type::f || type == Type::df || type == Type::tf32 ||
         type == Type::bf8 || type == Type::hf8 || type == Type::vf;
}
constexpr bool is_signed(Type type) {
  return type == Type::b || type == Type::w || type == Type::d || type == Type::q || type == Type::v || is_float(type);
}
const char* name_of(Type type);

enum class Condition : std::uint8_t { none = 0, eq = 1, ne = 2, gt = 3, ge = 4, lt = 5, le = 6, ov = 8, un = 9, eo = 15 };

/// How flag bits become a predicate.
enum class Predicate : std::uint8_t {
  none, normal,
  any_vertical,  ///< this flag or the next one's, channel by channel
  all_vertical,
  any_group,     ///< any channel of a group of `predicate_group`
  all_group,
};

enum class MathFunction : std::uint8_t {
  inv = 1, log = 2, exp = 3, sqt = 4, rsqt = 5, sin = 6, cos = 7, fdiv = 9, pow = 10, idiv = 11, iqot = 12, irem = 13,
  invm = 14, rsqtm = 15,
};

enum class SyncFunction : std::uint8_t { nop = 0, allrd = 2, allwr = 3, fence = 13, flush = 12, bar = 14, host = 15 };

/// Units that messages go to.
enum class Unit : std::uint8_t {
  null = 0, ugml = 1, sampler = 2, gateway = 3, dc2 = 4, render = 5, urb = 6, spawner = 7, rta = 8, dcro = 9, dc0 = 10,
  pixel = 11, dc1 = 12, tgm = 13, slm = 14, ugm = 15,
};

/// Register files. Numbers of the architecture registers are their 4-bit codes.
enum class File : std::uint8_t {
  null = 0, address = 1, accumulator = 2, flag = 3, channel_enable = 4, message = 5, scalar = 6, state = 7, control = 8,
  notification = 9, ip = 10, timestamp = 12, flow = 13, debug = 15, general = 16, immediate = 17, none = 18,
};

struct Operand {
  File file = File::none;
  Type type = Type::none;
  bool negate = false;    ///< of logic operations: all bits inverted
  bool absolute = false;
  bool indirect = false;  ///< the register is what an element of a0 says
  bool per_row = false;   ///< indirect: every row of the region has its own element of a0 (VxH)
  std::uint8_t reg = 0;
  std::uint8_t byte = 0;            ///< inside the register
  std::uint8_t address_word = 0;    ///< indirect: first element of a0
  std::int16_t address_offset = 0;  ///< indirect: bytes
  std::int8_t macro = -1;           ///< extended-precision register of madm and math.invm; -1: none
  // Region, in elements: element c lies at (c / width) * vertical + (c % width) * horizontal.
  std::uint8_t vertical = 0;
  std::uint8_t width = 1;
  std::uint8_t horizontal = 0;
  std::uint64_t value = 0;          ///< immediate
};

/// A message.
struct Send {
  Unit unit = Unit::null;
  bool end_of_thread = false;
  bool gathers = false;                    ///< Xe3: the first source lists registers in s0, one byte each
  bool descriptor_in_register = false;     ///< a0.0
  bool extended_in_register = false;
  bool bindless = false;                   ///< ExBSO: the register holds a surface offset
  std::uint8_t extended_word = 0;          ///< element (32 bits) of a0 with the extended descriptor
  std::uint32_t descriptor = 0;
  std::uint32_t extended = 0;              ///< the immediate one, or bits to add to the register's
  std::uint8_t source1_registers = 0;
};

struct Instruction {
  Opcode opcode = Opcode::illegal;
  std::uint32_t offset = 0;        ///< of its first byte in the kernel
  std::uint8_t bytes = 16;         ///< 8 or 16
  std::uint8_t channels = 1;       ///< 1, 2, 4, 8, 16 or 32
  std::uint8_t first_channel = 0;
  bool no_mask = false;
  bool saturate = false;
  bool writes_accumulator = false;
  bool atomic = false;
  bool branch_control = false;
  Predicate predicate = Predicate::none;
  bool predicate_inverted = false;
  std::uint8_t predicate_group = 0;  ///< channels of a group; 0: all of the instruction
  std::uint8_t flag = 0;             ///< 16 bits each
  Condition condition = Condition::none;
  MathFunction math = MathFunction::inv;
  SyncFunction sync = SyncFunction::nop;
  std::uint8_t table = 0;            ///< bfn: truth table
  std::uint8_t depth = 0;            ///< dpas: systolic depth
  std::uint8_t repeat = 0;           ///< dpas: rows
  std::int32_t jump = 0;             ///< JIP, bytes from this instruction's first byte
  std::int32_t update = 0;           ///< UIP, likewise
  Operand destination;
  Operand source[3];
  Send send;
  Annotation annotation;
  std::uint32_t tokens = ~0u;        ///< sync.allrd, sync.allwr: which tokens it waits for

  bool is_branch() const { return opcode >= Opcode::jmpi && opcode <= Opcode::join; }
  bool is_send() const { return opcode == Opcode::send || opcode == Opcode::sendc; }
  bool is_dpas() const { return opcode == Opcode::dpas || opcode == Opcode::dpasw; }
};

/// How the sources of dpas are laid out: vISA, DPAS.md. A step multiplies `products` elements of both.
struct SystolicShape {
  int products = 4;
  int steps_per_word = 1;  ///< of the weights: one 32-bit word of a channel serves so many steps
  int weight_bytes = 32;   ///< of a channel
  int row_bytes = 32;      ///< of the other source
};
constexpr SystolicShape systolic_shape(Type weights, Type other, int depth) {
  const auto bits = [](Type t) { return bits_of(t) < 2 ? 8 : bits_of(t) > 32 ? 32 : bits_of(t); };
  const int w = bits(weights), x = bits(other), most = w > x ? w : x;
  SystolicShape s;
  s.products = most >= 8 ? 32 / most : 8;
  s.steps_per_word = 32 / (s.products * w);
  s.weight_bytes = depth / s.steps_per_word * 4;
  s.row_bytes = depth * s.products * x / 8;
  return s;
}

/// "mov"; "0x5c" for codes that are none.
std::string name_of(Opcode opcode);
/// Close to what Intel's disassembler writes, for messages.
std::string text_of(const Instruction& instruction);
/// Sources that the opcode has; -1 for one that the emulator does not know.
int source_count(Opcode opcode);

}  // namespace xpuq::xe
