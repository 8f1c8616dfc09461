#include "assembler.h"

#include <bit>

#include "xe/decode.h"

namespace xe_test {

using namespace xpuq::xe;

namespace {

/// log2, for 1, 2, 4, ...
std::uint64_t log_of(int n) { return static_cast<std::uint64_t>(std::countr_zero(static_cast<unsigned>(n))); }
std::uint64_t stride_code(int n) { return n == 0 ? 0 : 1 + log_of(n); }

struct Encoder {
  bool hpg;
  const Instruction& in;
  Bits128 out;

  void put(int at, std::uint64_t value) { out.put(at, value); }
  void flag(int at, bool value) { put(at, value ? 1 : 0); }

  std::uint64_t predicate_code() const {
    switch (in.predicate) {
      case Predicate::none: return 0;
      case Predicate::normal: return 1;
      case Predicate::any_vertical: return 2;
      case Predicate::all_vertical: return 3;
      case Predicate::any_group: return hpg ? 2 * (log_of(in.predicate_group) + 1) : 2;
      default: return hpg ? 2 * (log_of(in.predicate_group) + 1) + 1 : 3;
    }
  }

  void common() {
    put(0, static_cast<std::uint64_t>(in.opcode));
    if (hpg) {
      put(16, log_of(in.channels));
      put(19, in.first_channel / 4u);
      put(22, in.flag);
      put(24, predicate_code());
    } else {
      put(18, log_of(in.channels));
      put(21, in.flag);
      put(24, in.first_channel / 8u);
      put(26, predicate_code());
    }
    flag(28, in.predicate_inverted);
    flag(31, in.no_mask);
  }

  std::uint64_t file_bits(const Operand& o, int reg_at, int file_at) const {
    const bool general = o.file == File::general;
    const std::uint64_t reg = general ? o.reg : static_cast<std::uint64_t>(o.file) << 4 | o.reg;
    return reg << reg_at | static_cast<std::uint64_t>(general) << file_at;
  }
  /// The byte inside a register, or the number of a macro's extended-precision register.
  std::uint64_t byte_code(const Operand& o) const {
    if (in.opcode == Opcode::madm || in.math == MathFunction::invm || in.math == MathFunction::rsqtm) return static_cast<std::uint64_t>(o.macro < 0 ? 8 : o.macro);
    return hpg ? o.byte : o.byte >> 1;
  }

  void place(const Operand& o, int at, int low_bit) {
    put(at, o.indirect ? static_cast<std::uint64_t>(hpg ? o.address_offset & 0x3ff : o.address_offset >> 1 & 0x3ff) << 2 | std::uint64_t{o.address_word} << 12
                       : byte_code(o) << 3 | file_bits(o, 8, 2));
    if (!hpg) put(low_bit, static_cast<std::uint64_t>(o.indirect ? o.address_offset & 1 : o.macro < 0 ? o.byte & 1 : 0));
  }

  void basic_source(const Operand& o, int at, int indirect_at, int modifiers_at) {
    place(o, at, at + 23);
    put(at, stride_code(o.horizontal));
    put(at + 17, log_of(o.width));
    put(at + 20, o.per_row ? (hpg ? 15 : 7) : stride_code(o.vertical));
    flag(indirect_at, o.indirect);
    flag(modifiers_at, o.absolute);
    flag(modifiers_at + 1, o.negate);
  }

  static std::uint64_t immediate_type(Type type) {
    return static_cast<std::uint64_t>(type == Type::uv ? Type::ub : type == Type::v ? Type::b : type == Type::vf ? Type::bf8 : type);
  }

  void basic() {
    const Operand& d = in.destination;
    put(36, static_cast<std::uint64_t>(d.type) & 15);
    place(d, 48, 33);
    put(48, stride_code(d.horizontal));
    flag(35, d.indirect);
    flag(34, in.saturate);
    if (hpg) flag(33, in.writes_accumulator);
    flag(32, in.atomic);
    const Operand &a = in.source[0], &b = in.source[1];
    bool wide = false;
    if (a.file == File::immediate) {
      put(46, 1);
      put(40, immediate_type(a.type));
      wide = size_of(a.type) == 8;
      if (wide) put(64, a.value >> 32);
      put(96, a.value & 0xffffffffu);
    } else if (a.file != File::none) {
      put(40, static_cast<std::uint64_t>(a.type));
      basic_source(a, 64, 80, 44);
    }
    if (b.file == File::immediate) {
      put(47, 1);
      put(88, immediate_type(b.type));
      put(96, b.value & 0xffffffffu);
    } else if (b.file != File::none) {
      put(88, static_cast<std::uint64_t>(b.type));
      basic_source(b, 96, 112, 120);
    }
    if (in.opcode == Opcode::math) put(92, static_cast<std::uint64_t>(in.math));
    else if (!wide) put(92, static_cast<std::uint64_t>(in.condition));
  }

  void ternary_source(const Operand& o, int at, int low, int high) {
    put(at, stride_code(o.horizontal) | byte_code(o) << 3 | file_bits(o, 8, 2));
    if (low < 0) return;
    flag(low, o.vertical == 1 || o.vertical == 8);
    flag(high, o.vertical >= 4);
  }

  void ternary() {
    const Operand &d = in.destination, *s = in.source;
    put(39, static_cast<std::uint64_t>(d.type) >> 3);
    put(36, static_cast<std::uint64_t>(d.type) & 7);
    put(48, log_of(d.horizontal > 1 ? 2 : 1) | byte_code(d) << 3 | file_bits(d, 8, 2));
    put(40, static_cast<std::uint64_t>(s[0].type) & 7);
    put(88, static_cast<std::uint64_t>(s[1].type) & 7);
    put(80, static_cast<std::uint64_t>(s[2].type) & 7);
    if (s[0].file == File::immediate) {
      put(46, 1);
      put(64, s[0].value & 0xffff);
    } else {
      ternary_source(s[0], 64, 35, 43);
    }
    ternary_source(s[1], 96, 83, 91);
    if (s[2].file == File::immediate) {
      put(47, 1);
      put(112, s[2].value & 0xffff);
    } else {
      ternary_source(s[2], 112, -1, -1);
    }
    flag(34, in.saturate);
    flag(32, in.atomic);
    if (hpg) flag(33, in.writes_accumulator);
    if (in.opcode == Opcode::bfn) {
      put(84, in.table & 15);
      put(92, in.table >> 4);
      return;
    }
    for (int k = 0; k < 3; ++k) {
      static constexpr int at[] = {44, 86, 84};
      if (s[k].file == File::immediate) continue;
      flag(at[k], s[k].absolute);
      flag(at[k] + 1, s[k].negate);
    }
    put(92, static_cast<std::uint64_t>(in.condition));
  }

  static std::uint64_t precision(Type type) {
    return type == Type::s4 || type == Type::u4 ? 1 : type == Type::s2 || type == Type::u2 ? 2 : 0;
  }
  static std::uint64_t element(Type type) {
    return static_cast<std::uint64_t>(type == Type::s4 || type == Type::s2 ? Type::b : type == Type::u4 || type == Type::u2 ? Type::ub : type);
  }

  void systolic() {
    const Operand &d = in.destination, *s = in.source;
    put(48, log_of(in.depth));
    put(43, in.repeat - 1u);
    flag(34, in.saturate);
    flag(32, in.atomic);
    put(39, static_cast<std::uint64_t>(d.type) >> 3);
    put(36, static_cast<std::uint64_t>(d.type) & 7);
    put(40, static_cast<std::uint64_t>(s[0].type) & 7);
    put(88, element(s[1].type) & 7);
    put(86, precision(s[1].type));
    put(80, element(s[2].type) & 7);
    put(84, precision(s[2].type));
    put(48, byte_code(d) << 3 | file_bits(d, 8, 2));
    put(64, byte_code(s[0]) << 3 | file_bits(s[0], 8, 2));
    put(96, byte_code(s[1]) << 3 | file_bits(s[1], 8, 2));
    put(112, byte_code(s[2]) << 3 | file_bits(s[2], 8, 2));
  }

  void send() {
    const Send& m = in.send;
    put(92, static_cast<std::uint64_t>(m.unit));
    flag(34, m.end_of_thread);
    flag(48, m.descriptor_in_register);
    flag(49, m.extended_in_register);
    const std::uint64_t d = m.descriptor, x = m.extended;
    put(81, d & 0x7ff);
    put(113, d >> 11 & 0x1ff);
    put(51, d >> 20 & 31);
    put(67, d >> 25 & 31);
    put(122, d >> 30 & 3);
    put(35, x >> 11 & 0x1fff);
    put(64, x >> 24 & 3);
    put(96, x >> 26 & 3);
    put(124, x >> 28 & 15);
    if (m.extended_in_register) {
      put(40, m.extended_word);
      flag(39, m.bindless);
    }
    flag(32, in.atomic);
    put(48, file_bits(in.destination, 8, 2));
    put(64, file_bits(in.source[0], 8, 2));
    put(96, file_bits(in.source[1], 8, 2));
    put(99, m.gathers ? in.source[0].byte >> 1 : m.source1_registers);
  }

  void branch() {
    flag(33, in.branch_control);
    if (in.opcode == Opcode::call || in.opcode == Opcode::calla) put(48, byte_code(in.destination) << 3 | file_bits(in.destination, 8, 2));
    if (in.source[0].file != File::none) {
      put(64, byte_code(in.source[0]) << 3 | file_bits(in.source[0], 8, 2));
      return;
    }
    put(46, 1);
    put(96, static_cast<std::uint32_t>(in.jump));
    put(64, static_cast<std::uint32_t>(in.update));
  }

  void sync() {
    put(92, static_cast<std::uint64_t>(in.sync));
    const Operand& s = in.source[0];
    if (s.file == File::immediate) {
      put(46, 1);
      put(96, s.value);
    } else if (s.file != File::none) {
      put(64, static_cast<std::uint64_t>(s.byte >> 1) << 3 | file_bits(s, 8, 2));
    }
  }

  Bits128 encode() {
    common();
    if (in.opcode == Opcode::sync) sync();
    else if (in.is_send()) send();
    else if (in.is_dpas()) systolic();
    else if (in.is_branch()) branch();
    else if (source_count(in.opcode) == 3) ternary();
    else if (in.opcode != Opcode::nop && in.opcode != Opcode::illegal) basic();
    return out;
  }
};

}  // namespace

Bits128 encode(Platform platform, const Instruction& instruction) {
  return Encoder{traits_of(platform).encoding == Encoding::hpg, instruction, {}}.encode();
}

std::vector<Instruction> assemble(Platform platform, const std::vector<Instruction>& code) {
  std::vector<Instruction> out;
  for (std::size_t k = 0; k < code.size(); ++k) {
    const auto decoded = decode_instruction(platform, encode(platform, code[k]), static_cast<std::uint32_t>(16 * k), "test");
    if (!decoded) return {};
    out.push_back(*decoded);
  }
  return out;
}

}  // namespace xe_test
