// Source of the bit positions: nGEN's Instruction12 / InstructionXeHPC (oneDNN, third_party/ngen/ngen_gen12.hpp) and
// Intel's Programmer's Reference Manuals (DG2 volume 9, "EU Instruction Formats").
#include "xe/decode.h"

#include <algorithm>
#include <cstring>

namespace xpuq::xe {
namespace {

/// Strides are stored as 0, or 1 + log2.
std::uint8_t stride_of(std::uint32_t code) { return static_cast<std::uint8_t>(code == 0 ? 0 : 1u << (code - 1)); }

struct Decoder {
  Platform platform;
  bool hpg;
  Bits128 bits;
  Instruction out;
  std::string problem;

  void fail(std::string what) {
    if (problem.empty()) problem = std::move(what);
  }

  void place(Operand& o, bool general, std::uint32_t reg, std::uint32_t byte) {
    if (general) {
      o.file = File::general;
      o.reg = static_cast<std::uint8_t>(reg);
    } else {
      o.file = static_cast<File>(reg >> 4);
      o.reg = static_cast<std::uint8_t>(reg & 15);
    }
    o.byte = static_cast<std::uint8_t>(byte);
  }

  void common() {
    out.opcode = static_cast<Opcode>(bits.get(0, 7));
    std::uint32_t control = 0;
    if (hpg) {
      out.channels = static_cast<std::uint8_t>(1u << std::min(bits.get(16, 3), 5u));
      if (bits.get(16, 3) > 5) fail("execution size");
      out.first_channel = static_cast<std::uint8_t>(bits.get(19, 3) * 4);
      out.flag = static_cast<std::uint8_t>(bits.get(22, 2));
      control = bits.get(24, 4);
    } else {
      out.channels = static_cast<std::uint8_t>(1u << std::min(bits.get(18, 3), 5u));
      if (bits.get(18, 3) > 5) fail("execution size");
      out.flag = static_cast<std::uint8_t>(bits.get(21, 3));
      out.first_channel = static_cast<std::uint8_t>(bits.get(24, 2) * 8);
      control = bits.get(26, 2);
    }
    if (out.channels + out.first_channel > 32) fail("channel offset");
    out.predicate_inverted = bits.bit(28);
    out.no_mask = bits.bit(31);
    if (control == 1) {
      out.predicate = Predicate::normal;
    } else if (!hpg && control >= 2) {
      out.predicate = control == 2 ? Predicate::any_group : Predicate::all_group;
    } else if (control == 2 || control == 3) {
      out.predicate = control == 2 ? Predicate::any_vertical : Predicate::all_vertical;
    } else if (control >= 4 && control <= 13) {
      out.predicate = control & 1 ? Predicate::all_group : Predicate::any_group;
      out.predicate_group = static_cast<std::uint8_t>(1u << (control / 2 - 1));
    } else if (control != 0) {
      fail("predicate control");
    }
  }

  /// Address of a destination or of a source with 24 bits at `at`.
  void binary_operand(Operand& o, int at, bool indirect, bool destination) {
    o.horizontal = stride_of(bits.get(at, 2));
    const bool extra = destination ? !hpg && bits.bit(33) : !hpg && bits.bit(at + 23);
    if (indirect) {
      o.file = File::general;
      o.indirect = true;
      std::uint32_t offset = bits.get(at + 2, 10);
      int value = 0;
      if (hpg) {
        value = static_cast<int>(offset & 0x200 ? offset | ~0x3ffu : offset);
      } else {
        offset = offset << 1 | (extra ? 1u : 0u);
        value = static_cast<int>(offset & 0x400 ? offset | ~0x7ffu : offset);
      }
      o.address_offset = static_cast<std::int16_t>(value);
      o.address_word = static_cast<std::uint8_t>(bits.get(at + 12, 4));
    } else {
      const std::uint32_t sub = bits.get(at + 3, 5);
      place(o, bits.bit(at + 2), bits.get(at + 8, 8), hpg ? sub : sub << 1 | (extra ? 1u : 0u));
    }
    if (destination) {
      o.width = 1;
      o.vertical = o.horizontal;
      return;
    }
    o.width = static_cast<std::uint8_t>(1u << std::min(bits.get(at + 17, 3), 4u));
    const std::uint32_t vertical = hpg ? bits.get(at + 20, 4) : bits.get(at + 20, 3);
    if (vertical == (hpg ? 15u : 7u)) {
      if (!indirect) return fail("vertical stride");
      o.per_row = true;
    } else {
      o.vertical = stride_of(std::min(vertical, 6u));
      if (vertical > 6) fail("vertical stride");
    }
  }

  void immediate(Operand& o, Type type, std::uint64_t value) {
    o.file = File::immediate;
    o.type = type == Type::ub ? Type::uv : type == Type::b ? Type::v : type == Type::bf8 ? Type::vf : type;
    o.value = value;
  }

  void modifiers(Operand& o, int at) {
    o.absolute = bits.bit(at);
    o.negate = bits.bit(at + 1);
  }

  void binary(int sources) {
    Operand& d = out.destination;
    d.type = static_cast<Type>(bits.get(36, 4));
    binary_operand(d, 48, bits.bit(35), true);
    Operand& a = out.source[0];
    const Type type = static_cast<Type>(bits.get(40, 4));
    bool wide = false;
    if (bits.bit(46)) {
      wide = size_of(type) == 8;
      immediate(a, type, wide ? std::uint64_t{bits.get(64, 32)} << 32 | bits.get(96, 32) : bits.get(96, 32));
    } else {
      a.type = type;
      binary_operand(a, 64, bits.bit(80), false);
      modifiers(a, 44);
    }
    if (sources == 2 && !bits.bit(46)) {
      Operand& b = out.source[1];
      const Type second = static_cast<Type>(bits.get(88, 4));
      if (bits.bit(47)) {
        immediate(b, second, bits.get(96, 32));
        if (size_of(second) == 8) fail("64-bit immediate as second source");
      } else {
        b.type = second;
        binary_operand(b, 96, bits.bit(112), false);
        modifiers(b, 120);
      }
    }
    out.saturate = bits.bit(34);
    out.atomic = bits.bit(32);
    if (hpg) out.writes_accumulator = bits.bit(33);
    if (!wide) out.condition = static_cast<Condition>(bits.get(92, 4));
  }

  Type ternary_type(std::uint32_t three) { return static_cast<Type>(three | (bits.bit(39) ? 8u : 0u)); }

  void ternary_operand(Operand& o, int at, bool destination) {
    const std::uint32_t sub = bits.get(at + 3, 5);
    place(o, bits.bit(at + 2), bits.get(at + 8, 8), hpg ? sub : sub << 1);
    const std::uint32_t stride = bits.get(at, 2);
    o.horizontal = destination ? static_cast<std::uint8_t>(1u << stride) : stride_of(stride);
    o.width = 1;
    o.vertical = o.horizontal;
  }

  /// The first two sources have a vertical stride of 0, 1, 4 or 8.
  void ternary_region(Operand& o, bool low, bool high) {
    o.vertical = static_cast<std::uint8_t>(high ? (low ? 8 : 4) : (low ? 1 : 0));
    o.width = 1;
    if (o.horizontal != 0) {
      if (o.vertical < o.horizontal || o.vertical % o.horizontal != 0) return fail("region of a source");
      o.width = static_cast<std::uint8_t>(o.vertical / o.horizontal);
    }
  }

  void ternary() {
    out.destination.type = ternary_type(bits.get(36, 3));
    ternary_operand(out.destination, 48, true);
    Operand* s = out.source;
    if (bits.bit(46)) {
      immediate(s[0], ternary_type(bits.get(40, 3)), bits.get(64, 16));
    } else {
      s[0].type = ternary_type(bits.get(40, 3));
      ternary_operand(s[0], 64, false);
      ternary_region(s[0], bits.bit(35), bits.bit(43));
    }
    s[1].type = ternary_type(bits.get(88, 3));
    ternary_operand(s[1], 96, false);
    ternary_region(s[1], bits.bit(83), bits.bit(91));
    if (bits.bit(47)) {
      immediate(s[2], ternary_type(bits.get(80, 3)), bits.get(112, 16));
    } else {
      s[2].type = ternary_type(bits.get(80, 3));
      ternary_operand(s[2], 112, false);
    }
    out.saturate = bits.bit(34);
    out.atomic = bits.bit(32);
    if (hpg) out.writes_accumulator = bits.bit(33);
    if (out.opcode == Opcode::bfn) {
      out.table = static_cast<std::uint8_t>(bits.get(84, 4) | bits.get(92, 4) << 4);
      return;
    }
    if (!bits.bit(46)) modifiers(s[0], 44);
    modifiers(s[1], 86);
    if (!bits.bit(47)) modifiers(s[2], 84);
    out.condition = static_cast<Condition>(bits.get(92, 4));
    if (out.opcode == Opcode::madm) {
      for (Operand* o : {&out.destination, &s[0], &s[1], &s[2]}) macro_register(*o);
    }
  }

  /// Division macros put the number of an extended-precision register where others have the byte; 8 is none.
  void macro_register(Operand& o) {
    const int number = hpg ? o.byte : o.byte / 2;
    o.macro = static_cast<std::int8_t>(number >= 8 ? -1 : number);
    o.byte = 0;
    if (o.file == File::general) {
      o.vertical = 1;
      o.width = 1;
      o.horizontal = &o == &out.destination ? 1 : 0;
    }
  }

  Type precise(Type type, std::uint32_t precision) {
    const bool sign = is_signed(type);
    if (precision == 1) return sign ? Type::s4 : Type::u4;
    if (precision == 2) return sign ? Type::s2 : Type::u2;
    return type;
  }

  void systolic() {
    out.depth = static_cast<std::uint8_t>(1u << bits.get(48, 2));
    out.repeat = static_cast<std::uint8_t>(1 + bits.get(43, 3));
    out.saturate = bits.bit(34);
    out.atomic = bits.bit(32);
    out.destination.type = ternary_type(bits.get(36, 3));
    place(out.destination, bits.bit(50), bits.get(56, 8), hpg ? bits.get(51, 5) : bits.get(51, 5) << 1);
    Operand* s = out.source;
    s[0].type = ternary_type(bits.get(40, 3));
    place(s[0], bits.bit(66), bits.get(72, 8), hpg ? bits.get(67, 5) : bits.get(67, 5) << 1);
    s[1].type = precise(ternary_type(bits.get(88, 3)), bits.get(86, 2));
    place(s[1], bits.bit(98), bits.get(104, 8), hpg ? bits.get(99, 5) : bits.get(99, 5) << 1);
    s[2].type = precise(ternary_type(bits.get(80, 3)), bits.get(84, 2));
    place(s[2], bits.bit(114), bits.get(120, 8), hpg ? bits.get(115, 5) : bits.get(115, 5) << 1);
  }

  void send() {
    Send& m = out.send;
    m.unit = static_cast<Unit>(bits.get(92, 4));
    m.end_of_thread = bits.bit(34);
    m.descriptor_in_register = bits.bit(48);
    m.extended_in_register = bits.bit(49);
    m.descriptor = bits.get(81, 11) | bits.get(113, 9) << 11 | bits.get(51, 5) << 20 | bits.get(67, 5) << 25 |
                   bits.get(122, 2) << 30;
    m.extended = bits.get(35, 13) << 11 | bits.get(64, 2) << 24 | bits.get(96, 2) << 26 | bits.get(124, 4) << 28;
    m.source1_registers = static_cast<std::uint8_t>(bits.get(99, 5));
    if (m.extended_in_register) {
      m.extended_word = static_cast<std::uint8_t>(bits.get(40, 3));
      m.bindless = bits.bit(39) && !(m.unit == Unit::ugm && !hpg && traits_of(platform).encoding == Encoding::xe2);
      // On Xe2 the other bits are added to the register's value.
      m.extended &= ~(7u << 16);
      if (m.bindless || m.unit != Unit::ugm) m.extended &= ~(1u << 15);
      if (traits_of(platform).encoding != Encoding::xe2) m.extended = 0;
    }
    out.atomic = bits.bit(32);
    out.destination.type = Type::ud;
    place(out.destination, bits.bit(50), bits.get(56, 8), 0);
    out.source[0].type = Type::ud;
    place(out.source[0], bits.bit(66), bits.get(72, 8), 0);
    out.source[1].type = Type::ud;
    place(out.source[1], bits.bit(98), bits.get(104, 8), 0);
    if (out.source[0].file == File::scalar && traits_of(platform).xe3) {
      m.gathers = true;
      out.source[0].byte = static_cast<std::uint8_t>(bits.get(99, 5) << 1);
      m.source1_registers = 0;
    }
  }

  void branch() {
    out.branch_control = bits.bit(33);
    const bool in_register = !bits.bit(46);
    const bool always_label = out.opcode == Opcode::if_ || out.opcode == Opcode::else_ || out.opcode == Opcode::endif ||
                              out.opcode == Opcode::goto_ || out.opcode == Opcode::join || out.opcode == Opcode::while_ ||
                              out.opcode == Opcode::break_ || out.opcode == Opcode::cont || out.opcode == Opcode::halt;
    out.jump = static_cast<std::int32_t>(bits.get(96, 32));
    out.update = static_cast<std::int32_t>(bits.get(64, 32));
    if (out.opcode == Opcode::call || out.opcode == Opcode::calla) {
      out.destination.type = Type::ud;
      place(out.destination, bits.bit(50), bits.get(56, 8), hpg ? bits.get(51, 5) : bits.get(51, 5) << 1);
    }
    if (in_register && !always_label) {
      out.source[0].type = out.opcode == Opcode::ret ? Type::ud : Type::d;
      place(out.source[0], bits.bit(66), bits.get(72, 8), hpg ? bits.get(67, 5) : bits.get(67, 5) << 1);
      out.jump = out.update = 0;
    }
  }

  void annotation() {
    AnnotatedKind kind = AnnotatedKind::in_order;
    if (out.is_send()) kind = AnnotatedKind::message;
    else if (out.is_dpas()) kind = AnnotatedKind::systolic;
    else if (out.opcode == Opcode::math || (hpg && (out.destination.type == Type::df || out.source[0].type == Type::df))) kind = AnnotatedKind::math;
    out.annotation = decode_annotation(platform, bits.get(8, hpg ? 8 : 10), kind);
  }

  void decode() {
    fields();
    annotation();
  }

  void fields() {
    common();
    const int sources = source_count(out.opcode);
    if (sources < 0) return fail("opcode");
    switch (out.opcode) {
      case Opcode::illegal: case Opcode::nop: return;
      case Opcode::sync:
        out.sync = static_cast<SyncFunction>(bits.get(92, 4));
        if ((out.sync == SyncFunction::allrd || out.sync == SyncFunction::allwr) && bits.bit(46)) out.tokens = bits.get(96, 32);
        // Xe-HPC and later: the number of a named barrier, in a register or not; null is barrier 0.
        if (out.sync == SyncFunction::bar && !hpg) {
          if (bits.bit(46)) {
            immediate(out.source[0], Type::ud, bits.get(96, 32));
            if (out.source[0].value >= 32) fail("number of a barrier");
          } else {
            place(out.source[0], bits.bit(66), bits.get(72, 8), bits.get(67, 5) << 1);
            if (out.source[0].file != File::null) out.source[0].type = Type::uw;
          }
        }
        return;
      case Opcode::send: case Opcode::sendc: return send();
      case Opcode::dpas: case Opcode::dpasw: return systolic();
      default: break;
    }
    if (out.is_branch()) return branch();
    if (sources == 3) {
      ternary();
    } else {
      binary(out.opcode == Opcode::math ? 2 : sources);
      if (out.opcode == Opcode::math) {
        out.math = static_cast<MathFunction>(bits.get(92, 4));
        out.condition = Condition::none;
        if (out.math == MathFunction::invm || out.math == MathFunction::rsqtm) {
          out.condition = Condition::eo;
          for (Operand* o : {&out.destination, &out.source[0], &out.source[1]}) macro_register(*o);
        }
      }
    }
    // Xe-HPC and later have no field for it: these opcodes always write the accumulator.
    if (!hpg && (out.opcode == Opcode::mach || out.opcode == Opcode::addc || out.opcode == Opcode::subb)) out.writes_accumulator = true;
    if (out.condition > Condition::un && out.condition != Condition::eo) fail("condition");
    if (out.condition == static_cast<Condition>(7)) fail("condition");
  }
};

}  // namespace

Result<Instruction> decode_instruction(Platform platform, const Bits128& bits, std::uint32_t offset, const std::string& who) {
  Decoder decoder{platform, traits_of(platform).encoding == Encoding::hpg, bits, {}, {}};
  decoder.out.offset = offset;
  decoder.decode();
  if (!decoder.problem.empty()) {
    return make_error("E621", who, "unknown machine instruction at byte " + std::to_string(offset) + ": " + decoder.problem,
                      name_of(decoder.out.opcode));
  }
  return decoder.out;
}

std::vector<Instruction> decode_kernel(Platform platform, std::span<const std::uint8_t> code) {
  std::vector<Instruction> out;
  const auto word = [&](std::size_t at) {
    std::uint64_t value = 0;
    std::memcpy(&value, code.data() + at, 8);
    return value;
  };
  for (std::size_t at = 0; at + 8 <= code.size();) {
    const std::uint64_t low = word(at);
    const bool compact = is_compact(low);
    if (!compact && at + 16 > code.size()) break;
    std::optional<Bits128> bits = compact ? expand_compact(traits_of(platform).encoding, low) : Bits128{low, word(at + 8)};
    Instruction instruction;
    instruction.offset = static_cast<std::uint32_t>(at);
    if (bits) {
      Result<Instruction> decoded = decode_instruction(platform, *bits, static_cast<std::uint32_t>(at), {});
      if (decoded) instruction = std::move(decoded).value();
    }
    instruction.bytes = compact ? 8 : 16;
    out.push_back(instruction);
    at += instruction.bytes;
  }
  return out;
}

}  // namespace xpuq::xe
