#include "xe/footprint.h"

#include <algorithm>

namespace xpuq::xe {
namespace {

std::uint8_t bit(Executor e) { return static_cast<std::uint8_t>(1u << static_cast<int>(e)); }

/// The ordered pipe of arithmetic on a type. Xe-HPG has one for everything of 64 bits; later parts for double precision only.
Executor pipe_of(Type type, bool hpg) {
  if (type == Type::df || (hpg && size_of(type) == 8)) return Executor::wide;
  return is_float(type) ? Executor::floating : Executor::integer;
}

Executor executor_of(const Instruction& i, bool hpg) {
  if (i.is_send()) return static_cast<Executor>(static_cast<int>(Executor::message) + static_cast<int>(i.send.unit));
  if (i.is_dpas()) return Executor::systolic;
  if (i.is_branch() || i.opcode == Opcode::sync || i.opcode == Opcode::nop || i.opcode == Opcode::illegal) return Executor::control;
  const bool doubles = i.destination.type == Type::df || i.source[0].type == Type::df;
  if (i.opcode == Opcode::math) return hpg ? Executor::unordered_math : Executor::math;
  if (hpg && doubles) return Executor::unordered_math;
  if (i.destination.file == File::scalar) return Executor::scalar;
  if (hpg) {
    for (const Operand& s : i.source) {
      if (s.file != File::none && size_of(s.type) == 8) return Executor::wide;
    }
  }
  return pipe_of(i.destination.type, hpg);
}

class Collector {
 public:
  explicit Collector(int register_bytes) : register_bytes_(register_bytes) {}

  /// Bytes [first, first + count) of the registers, counted from register 0.
  void add(std::vector<RegisterBytes>& to, std::uint32_t first, std::uint32_t count) const {
    const auto grf = static_cast<std::uint32_t>(register_bytes_);
    while (count != 0) {
      const std::uint32_t reg = first / grf, at = first % grf, n = std::min(count, grf - at);
      if (reg >= static_cast<std::uint32_t>(kTrackedRegisters)) return;
      const std::uint64_t bits = (n == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << n) - 1) << at;
      const auto known = std::find_if(to.begin(), to.end(), [&](const RegisterBytes& r) { return r.reg == reg; });
      if (known != to.end()) known->bytes |= bits;
      else to.push_back({static_cast<std::uint16_t>(reg), bits});
      first += n;
      count -= n;
    }
  }

  std::uint32_t place(const Operand& o) const {
    const std::uint32_t reg = o.file == File::scalar ? kScalarRegister + o.reg : o.reg;
    return reg * static_cast<std::uint32_t>(register_bytes_) + o.byte;
  }

  static bool tracked(const Operand& o) { return (o.file == File::general || o.file == File::scalar) && !o.indirect && o.macro < 0; }

  void region(std::vector<RegisterBytes>& to, const Operand& o, int channels) const {
    if (!tracked(o)) return;
    const int width = std::max<int>(o.width, 1), size = size_of(o.type);
    for (int c = 0; c < channels; ++c) {
      const int element = c / width * o.vertical + c % width * o.horizontal;
      add(to, place(o) + static_cast<std::uint32_t>(element * size), static_cast<std::uint32_t>(size));
    }
  }

  void block(std::vector<RegisterBytes>& to, const Operand& o, int bytes) const {
    if (tracked(o)) add(to, place(o), static_cast<std::uint32_t>(bytes));
  }

 private:
  int register_bytes_;
};

void systolic(Footprint& out, const Instruction& i, const Collector& c) {
  const int rows = i.repeat, n = i.channels;
  c.block(out.writes, i.destination, rows * n * size_of(i.destination.type));
  c.block(out.reads, i.source[0], rows * n * size_of(i.source[0].type));
  const SystolicShape shape = systolic_shape(i.source[1].type, i.source[2].type, i.depth);
  const int all = rows * shape.row_bytes;
  c.block(out.reads, i.source[1], shape.weight_bytes * n);
  c.block(out.reads, i.source[2], i.opcode == Opcode::dpasw ? ((all + 31) / 32 + 1) / 2 * 32 : all);
}

/// Lengths come from the descriptors; `changes` where those are in registers.
void message(Footprint& out, const Instruction& i, int register_bytes, bool hpg) {
  const Send& m = i.send;
  const bool length_in_register = m.extended_in_register && hpg && !m.bindless;
  out.changes = m.descriptor_in_register || m.gathers || length_in_register;
  if (!m.descriptor_in_register) {
    const std::uint32_t results = m.descriptor >> 20 & 31;
    if (i.destination.file == File::general) add_registers(out.writes, register_bytes, i.destination.reg, results == 31 ? 32 : results);
    if (i.source[0].file == File::general) add_registers(out.reads, register_bytes, i.source[0].reg, m.descriptor >> 25 & 15);
  }
  if (!length_in_register && i.source[1].file == File::general) add_registers(out.reads, register_bytes, i.source[1].reg, m.source1_registers);
}

}  // namespace

void add_registers(std::vector<RegisterBytes>& to, int register_bytes, std::uint32_t first, std::uint32_t count) {
  Collector(register_bytes).add(to, first * static_cast<std::uint32_t>(register_bytes), count * static_cast<std::uint32_t>(register_bytes));
}

Footprint footprint_of(Platform platform, const Instruction& i) {
  const PlatformTraits& traits = traits_of(platform);
  const bool hpg = traits.encoding == Encoding::hpg;
  const Collector c(traits.register_bytes);
  Footprint out;
  out.executor = executor_of(i, hpg);
  if (i.is_send()) {
    message(out, i, traits.register_bytes, hpg);
    return out;
  }
  if (out.executor < static_cast<Executor>(kOrderedExecutors)) out.own = bit(out.executor);
  // Compilers also use it for the pipes of the operands' types.
  for (const Operand& s : i.source) {
    if (s.file != File::none && s.type != Type::none && !i.is_branch()) out.own = static_cast<std::uint8_t>(out.own | bit(pipe_of(s.type, hpg)));
  }
  if (i.is_dpas()) {
    systolic(out, i, c);
    return out;
  }
  c.region(out.writes, i.destination, i.is_branch() ? 2 : i.channels);
  // What it reads does not matter where nothing comes of it; compilers write such instructions for their waits.
  const bool idle = i.destination.file == File::null && i.condition == Condition::none && !i.writes_accumulator;
  const int sources = idle ? 0 : i.opcode == Opcode::math ? 2 : source_count(i.opcode);
  for (int k = 0; k < sources && k < 3; ++k) {
    c.region(out.reads, i.source[k], i.is_branch() ? 1 : i.channels);
    out.changes = out.changes || i.source[k].indirect;
  }
  out.changes = out.changes || i.destination.indirect;
  return out;
}

}  // namespace xpuq::xe
