#include "model.h"

#include <bit>
#include <cmath>
#include <cstring>

namespace xe_test {

using namespace xpuq::xe;

namespace {

bool not_a_number(Quad x) { return x != x; }

/// The bytes where element (register, byte) of a file lies.
std::uint8_t* place(State& s, const Operand& o, int offset) {
  if (o.file == File::null) return s.r.data() + RegisterFile::zero;
  const FileRange range = range_of(o.file, s.register_bytes);
  return s.r.data() + range.base + o.reg * range.stride + o.byte + offset;
}

std::uint8_t* element(State& s, const Operand& o, int c, bool destination) {
  const int width = destination ? 1 : o.width, size = size_of(o.type);
  const int vertical = destination ? o.horizontal : o.vertical, row = c / width, column = c % width;
  if (!o.indirect) return place(s, o, (row * vertical + column * o.horizontal) * size);
  std::uint16_t address = 0;
  std::memcpy(&address, s.r.data() + RegisterFile::address + 2 * (o.address_word + (o.per_row ? row : 0)), 2);
  return s.r.data() + address + o.address_offset + ((o.per_row ? 0 : row * vertical) + column * o.horizontal) * size;
}

bool is_logic(Opcode o) { return o == Opcode::and_ || o == Opcode::or_ || o == Opcode::xor_ || o == Opcode::not_ || o == Opcode::bfn; }

Number immediate(const Operand& o, int c) {
  if (o.type == Type::v || o.type == Type::uv) {
    const int x = static_cast<int>(o.value >> 4 * (c % 8) & 15);
    return {false, o.type == Type::v && x > 7 ? x - 16 : x, 0};
  }
  if (o.type == Type::vf) {
    // Sign, three bits of exponent with a bias of 3, four of fraction.
    const int x = static_cast<int>(o.value >> 8 * (c % 4) & 255), exponent = x >> 4 & 7;
    const Quad a = (x & 127) == 0 ? 0 : static_cast<Quad>(16 + (x & 15)) / 16 * static_cast<Quad>(std::ldexp(1.0, exponent - 3));
    return {true, 0, x & 128 ? -a : a};
  }
  std::uint8_t bytes[8];
  std::memcpy(bytes, &o.value, 8);
  return read_number(bytes, o.type);
}

Number source(State& s, const Instruction& i, int k, int c) {
  const Operand& o = i.source[k];
  if (o.file == File::none) return {};
  if (o.macro >= 0) return {true, 0, static_cast<Quad>(o.negate ? -s.macro[o.macro][c] : s.macro[o.macro][c])};
  Number n = o.file == File::immediate ? immediate(o, c) : read_number(element(s, o, c, false), o.type);
  if (n.real) {
    if (o.absolute && __builtin_signbit(n.f)) n.f = -n.f;
    if (o.negate) n.f = -n.f;
  } else {
    if (o.absolute && n.i < 0) n.i = -n.i;
    if (o.negate) n.i = is_logic(i.opcode) ? ~n.i : -n.i;
  }
  return n;
}

bool compares(Condition condition, const Number& a, const Number& b) {
  const bool real = a.real || b.real;
  const Quad x = a.real ? a.f : static_cast<Quad>(a.i), y = b.real ? b.f : static_cast<Quad>(b.i);
  if (condition == Condition::un) return not_a_number(x) || not_a_number(y);
  const bool less = real ? x < y : a.i < b.i, equal = real ? x == y : a.i == b.i, greater = real ? x > y : a.i > b.i;
  switch (condition) {
    case Condition::eq: return equal;
    case Condition::ne: return !equal;
    case Condition::gt: return greater;
    case Condition::ge: return greater || equal;
    case Condition::lt: return less;
    case Condition::le: return less || equal;
    default: return false;
  }
}

Number integer(Wide i) { return {false, i, 0}; }
Number real(Quad f) { return {true, 0, f}; }
std::uint32_t word(const Number& n) { return static_cast<std::uint32_t>(static_cast<std::uint64_t>(n.i)); }
Wide low_bits(Wide x, Type type) { return static_cast<Wide>(static_cast<unsigned __int128>(x) & ((static_cast<unsigned __int128>(1) << 8 * size_of(type)) - 1)); }

/// The type in which floats are computed: single precision, unless all are halves or one is double.
Type computing_type(const Instruction& i) {
  bool halves = true;
  for (const Operand& o : i.source) {
    if (o.type == Type::df || i.destination.type == Type::df) return Type::df;
    if (o.file != File::none && o.file != File::null) halves = halves && o.type == Type::hf;
  }
  return halves ? Type::hf : Type::f;
}

Number math(const Instruction& i, const Number& a, const Number& b) {
  if (!a.real) {
    if (b.i == 0) return integer(-1);
    return integer(i.math == MathFunction::iqot ? a.i / b.i : a.i % b.i);
  }
  const auto x = static_cast<long double>(a.f), y = static_cast<long double>(b.f);
  switch (i.math) {
    case MathFunction::inv: return real(1 / static_cast<Quad>(x));
    case MathFunction::log: return real(std::log2(x));
    case MathFunction::exp: return real(std::exp2(x));
    case MathFunction::sqt: case MathFunction::rsqtm: return real(std::sqrt(x));
    case MathFunction::rsqt: return real(1 / std::sqrt(x));
    case MathFunction::sin: return real(std::sin(x));
    case MathFunction::cos: return real(std::cos(x));
    case MathFunction::pow: return real(std::pow(std::fabs(x), y));
    default: return real(a.f / b.f);
  }
}

struct Channel {
  Number result;
  std::optional<Wide> accumulator;  ///< what goes there instead of the result
};

std::string compute(const Instruction& i, const Number& a, const Number& b, const Number& d, Wide accumulated, Quad accumulated_real, Channel& out) {
  const Type from = i.source[0].type, to = i.destination.type;
  const int shift = static_cast<int>(b.i & (size_of(to) == 8 || size_of(from) == 8 ? 63 : 31));
  const auto set = [&](Wide v) { out.result = integer(v); };
  const auto set_real = [&](Quad v) { out.result = real(v); };
  switch (i.opcode) {
    case Opcode::mov: case Opcode::movi: out.result = a; break;
    case Opcode::add: a.real ? set_real(sum_to_odd(a.f, b.f)) : set(a.i + b.i); break;
    case Opcode::add3: set(a.i + b.i + d.i); break;
    case Opcode::mul: a.real ? set_real(a.f * b.f) : set(a.i * b.i); break;
    case Opcode::mad: a.real ? set_real(sum_to_odd(b.f * d.f, a.f)) : set(a.i + b.i * d.i); break;
    case Opcode::madm: set_real(sum_to_odd(b.f * d.f, a.f)); break;
    case Opcode::mac: a.real ? set_real(sum_to_odd(a.f * b.f, accumulated_real)) : set(accumulated + a.i * b.i); break;
    case Opcode::avg: set((a.i + b.i + 1) >> 1); break;
    case Opcode::and_: set(a.i & b.i); break;
    case Opcode::or_: set(a.i | b.i); break;
    case Opcode::xor_: set(a.i ^ b.i); break;
    case Opcode::not_: set(~a.i); break;
    case Opcode::shl: set(a.i << shift); break;
    case Opcode::shr: set(low_bits(a.i, from) >> shift); break;
    case Opcode::asr: set(a.i >> shift); break;
    case Opcode::rol: case Opcode::ror: {
      const int bits = 8 * size_of(to), by = static_cast<int>(b.i & (bits - 1)), left = i.opcode == Opcode::rol ? by : (bits - by) % bits;
      const Wide x = low_bits(a.i, to);
      set(low_bits(x << left | x >> (bits - left), to));
      break;
    }
    case Opcode::bfn: {
      Wide v = 0;
      for (int k = 0; k < 64; ++k) v |= static_cast<Wide>(i.table >> ((a.i >> k & 1) + (b.i >> k & 1) * 2 + (d.i >> k & 1) * 4) & 1) << k;
      set(v);
      break;
    }
    case Opcode::bfe: {  // width, offset, value; the sign is that of the destination
      const Wide v = static_cast<Wide>(word(d) >> (b.i & 31)) & ((Wide{1} << (a.i & 31)) - 1);
      set(to == Type::d && (a.i & 31) != 0 && (v >> ((a.i & 31) - 1) & 1) != 0 ? v - (Wide{1} << (a.i & 31)) : v);
      break;
    }
    case Opcode::bfi1: set(static_cast<std::uint32_t>(((1ull << (a.i & 31)) - 1) << (b.i & 31))); break;
    case Opcode::bfi2: set((a.i & b.i) | (~a.i & d.i)); break;
    case Opcode::bfrev: {
      Wide v = 0;
      for (int k = 0; k < 32; ++k) v |= static_cast<Wide>(word(a) >> k & 1) << (31 - k);
      set(v);
      break;
    }
    case Opcode::cbit: set(std::popcount(static_cast<std::uint64_t>(low_bits(a.i, from)))); break;
    case Opcode::lzd: set(std::countl_zero(word(a))); break;
    case Opcode::fbl: set(word(a) == 0 ? 0xffffffffu : static_cast<std::uint32_t>(std::countr_zero(word(a)))); break;
    case Opcode::fbh: {
      const std::uint32_t x = from == Type::d && a.i < 0 ? ~word(a) : word(a);
      set(x == 0 ? 0xffffffffu : static_cast<std::uint32_t>(std::countl_zero(x)));
      break;
    }
    case Opcode::addc:
      set(static_cast<std::uint32_t>(word(a) + word(b)));
      out.accumulator = static_cast<Wide>(word(a)) + word(b) > 0xffffffffll ? 1 : 0;
      break;
    case Opcode::subb:
      set(static_cast<std::uint32_t>(word(a) - word(b)));
      out.accumulator = word(a) < word(b) ? 1 : 0;
      break;
    case Opcode::mach: case Opcode::macl: {
      // The accumulator holds the first source times the lower half of the second. With "write accumulator" the upper half
      // of the sum is the result, without it the lower one.
      const Wide sum = accumulated + a.i * ((b.i >> 16) << 16);
      if (i.writes_accumulator) out.accumulator = sum;
      set(i.writes_accumulator ? sum >> 32 : sum);
      break;
    }
    case Opcode::dp4a: {
      Wide v = a.i;
      for (int k = 0; k < 32; k += 8) {
        const auto byte = [&](const Number& n, Type t) { return t == Type::d ? static_cast<std::int8_t>(word(n) >> k) : static_cast<int>(word(n) >> k & 255); };
        v += byte(b, i.source[1].type) * byte(d, i.source[2].type);
      }
      set(v);
      break;
    }
    case Opcode::csel: out.result = compares(i.condition, d, d.real ? real(0) : integer(0)) ? a : b; break;
    case Opcode::rndd: set_real(quad_floor(a.f)); break;
    case Opcode::rndu: set_real(-quad_floor(-a.f)); break;
    case Opcode::rndz: set_real(__builtin_signbit(a.f) ? -quad_floor(-a.f) : quad_floor(a.f)); break;
    case Opcode::rnde: {
      const Quad low = quad_floor(a.f), rest = a.f - low;
      const bool odd = low < static_cast<Quad>(0x1p60) && low > static_cast<Quad>(-0x1p60) && (static_cast<Wide>(low) & 1) != 0;
      const Quad v = rest > static_cast<Quad>(0.5) || (rest == static_cast<Quad>(0.5) && odd) ? low + 1 : low;
      set_real(v == 0 && __builtin_signbit(a.f) ? -static_cast<Quad>(0) : v);
      break;
    }
    case Opcode::frc: set_real(a.f - quad_floor(a.f)); break;
    case Opcode::math: out.result = math(i, a, b); break;
    default: return "the model does not know this opcode";
  }
  return {};
}

}  // namespace

std::string execute(const Instruction& i, State& s) {
  const FileRange flags = range_of(File::flag, s.register_bytes);
  std::uint64_t before = 0, after = 0;
  std::memcpy(&before, s.r.data() + flags.base, 8);
  after = before;
  std::uint32_t control = 0;
  std::memcpy(&control, s.r.data() + RegisterFile::control, 4);
  const bool selects = i.opcode == Opcode::sel && i.condition == Condition::none;
  const bool early = i.opcode == Opcode::math && i.condition == Condition::eo;
  s.approximate = i.opcode == Opcode::math;
  const State old = s;
  State read = s;
  const Operand& d = i.destination;
  const Type computed = computing_type(i);
  for (int c = 0; c < i.channels; ++c) {
    const int bit = i.flag * 16 + i.first_channel + c;
    bool holds = true;
    if (i.predicate == Predicate::normal) holds = (before >> bit & 1) != 0;
    else if (i.predicate == Predicate::any_vertical) holds = ((before >> bit | before >> (bit + 32)) & 1) != 0;
    else if (i.predicate != Predicate::none) return "the model does not know this predicate";
    if (i.predicate_inverted) holds = !holds;
    if ((!i.no_mask && (s.active >> (i.first_channel + c) & 1) == 0) || (!selects && !holds)) continue;
    const Number a = source(read, i, 0, c), b = source(read, i, 1, c), e = source(read, i, 2, c);
    // The accumulator's element of a channel lies where the destination does in its register.
    const int base = d.file == File::null ? 0 : d.byte, at = base / 4 + c;
    float low = 0;
    std::memcpy(&low, old.r.data() + RegisterFile::accumulator + base + 4 * c, 4);
    Channel out;
    bool flag = false;
    if (i.opcode == Opcode::sel) {
      const bool first = selects ? holds : not_a_number(a.f) ? false : not_a_number(b.f) || compares(i.condition, a, b);
      out.result = first ? a : b;
    } else if (i.opcode == Opcode::cmp || i.opcode == Opcode::cmpn) {
      flag = compares(i.condition, a, b);
      // A general destination gets all ones, whatever its type.
      const std::uint64_t ones = flag ? ~std::uint64_t{0} : 0;
      if (d.file != File::null) std::memcpy(element(s, d, c, true), &ones, static_cast<std::size_t>(size_of(d.type)));
    } else if (std::string problem = compute(i, a, b, e, old.accumulator[static_cast<std::size_t>(at)], static_cast<Quad>(low), out); !problem.empty()) {
      return problem;
    }
    Number result = out.result;
    if (result.real && i.opcode != Opcode::mov && i.opcode != Opcode::sel && i.opcode != Opcode::csel) {
      if (d.macro >= 0) s.macro[d.macro][c] = static_cast<double>(early ? static_cast<Quad>(static_cast<float>(result.f)) : result.f);
      std::uint8_t bytes[8];
      write_number(bytes, computed, result, false, control);
      result = read_number(bytes, computed);
    }
    if (i.opcode == Opcode::cmp || i.opcode == Opcode::cmpn) {
      // done
    } else if (early) {
      flag = true;
    } else if (i.condition == Condition::ov) {
      const Wide most = (Wide{1} << (8 * size_of(d.type) - (is_signed(d.type) ? 1 : 0))) - 1, least = is_signed(d.type) ? -most - 1 : 0;
      flag = result.i > most || result.i < least;
    } else if (i.condition != Condition::none) {
      // Logic operations have as many bits as the widest operand.
      if (is_logic(i.opcode)) {
        const Type widest = size_of(i.source[0].type) > size_of(d.type) ? i.source[0].type : d.type;
        std::uint8_t bytes[8];
        write_number(bytes, widest, result, false, control);
        result = read_number(bytes, widest);
      }
      flag = compares(i.condition, result, result.real ? real(0) : integer(0));
    }
    const bool writes_flags = i.condition != Condition::none && i.opcode != Opcode::sel && i.opcode != Opcode::csel;
    if (writes_flags) after = (after & ~(std::uint64_t{1} << bit)) | std::uint64_t{flag} << bit;
    if (i.writes_accumulator) {
      const Wide v = out.accumulator.value_or(result.i);
      s.accumulator[static_cast<std::size_t>(at)] = v;
      if (result.real) write_number(s.r.data() + RegisterFile::accumulator + base + 4 * c, Type::f, result, false, control);
      else write_number(s.r.data() + RegisterFile::accumulator + base + 4 * c, Type::ud, integer(v), false, control);
    }
    if (d.file == File::null || i.opcode == Opcode::cmp || i.opcode == Opcode::cmpn) continue;
    if (d.file == File::accumulator && !result.real && size_of(d.type) == 4) s.accumulator[static_cast<std::size_t>(base / 4 + c * d.horizontal)] = result.i;
    write_number(element(s, d, c, true), d.type, result, i.saturate, control);
  }
  if (after != before) std::memcpy(s.r.data() + flags.base, &after, 8);
  return {};
}

}  // namespace xe_test
