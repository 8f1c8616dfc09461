// Integers in more than 64 bits, channel by channel: what saturates, sets flags or changes signs in 64 bits needs one bit
// more. Rare in real kernels, hence simple.
// Source: vISA, documentation/visa/2_datatypes.md of intel-graphics-compiler ("extra precision is provided within the hardware").
#include <limits>

#include "xe/numbers.h"
#include "xe/thread.h"

namespace xpuq::xe {
namespace {

__extension__ typedef __int128 Wide;

Wide element(const Thread& t, const Source& s, int c) {
  const std::uint8_t* p = element_of(t, s, c);
  switch (s.type) {
    case Type::ub: return *p;
    case Type::b: return static_cast<std::int8_t>(*p);
    case Type::uw: return peek<std::uint16_t>(p);
    case Type::w: return peek<std::int16_t>(p);
    case Type::ud: return peek<std::uint32_t>(p);
    case Type::d: return peek<std::int32_t>(p);
    case Type::uq: return peek<std::uint64_t>(p);
    default: return peek<std::int64_t>(p);
  }
}

Wide operand(const Thread& t, const Source& s, int c) {
  if (s.type == Type::none) return 0;
  Wide x = element(t, s, c);
  if (s.absolute && x < 0) x = -x;
  return s.negate ? -x : s.invert ? ~x : x;
}

bool compares(Condition condition, Wide a, Wide b) {
  switch (condition) {
    case Condition::eq: return a == b;
    case Condition::ne: return a != b;
    case Condition::gt: return a > b;
    case Condition::ge: return a >= b;
    case Condition::lt: return a < b;
    case Condition::le: return a <= b;
    default: return false;
  }
}

bool is_logic(Opcode o) { return o == Opcode::and_ || o == Opcode::or_ || o == Opcode::xor_ || o == Opcode::not_; }

/// As many bits as the type has: logic operations have those of the widest operand.
Wide wrapped(Wide x, Type type) {
  const auto bits = static_cast<std::uint64_t>(x) << (64 - 8 * size_of(type));
  return is_signed(type) ? Wide{static_cast<std::int64_t>(bits) >> (64 - 8 * size_of(type))} : Wide{bits >> (64 - 8 * size_of(type))};
}

void store(std::uint8_t* p, const Step& s, Wide x) {
  const Type type = s.destination.type;
  if (type == Type::df || type == Type::f) {
    double v = static_cast<double>(x);
    float w = static_cast<float>(x);
    if (s.saturate) v = v > 1 ? 1 : v > 0 ? v : 0, w = static_cast<float>(v);
    return type == Type::df ? poke(p, v) : poke(p, w);
  }
  if (s.saturate) {
    const Wide low = lowest_of(type), high = highest_of(type);
    x = x < low ? low : x > high ? high : x;
  }
  const auto bits = static_cast<std::uint64_t>(x);
  std::memcpy(p, &bits, static_cast<std::size_t>(size_of(type)));
}

}  // namespace

bool needs_exact(const Step& s) {
  if (s.writes_accumulator || s.destination.indirect || s.domain != Domain::int64) return false;
  bool wide = size_of(s.destination.type) == 8, changed = false;
  for (const Source& x : s.source) {
    if (x.type == Type::none) continue;
    wide = wide || size_of(x.type) == 8;
    changed = changed || (size_of(x.type) == 8 && (x.negate || x.absolute));
  }
  const bool compared = s.condition != Condition::none && s.opcode != Opcode::cmp && s.opcode != Opcode::cmpn && s.opcode != Opcode::sel;
  if (!wide || !(s.saturate || changed || compared)) return false;
  const Type to = s.destination.type;
  if (is_float(to) && to != Type::df && to != Type::f) return false;
  switch (s.opcode) {
    case Opcode::mov: case Opcode::add: case Opcode::mul: case Opcode::shl: case Opcode::shr: case Opcode::asr: case Opcode::sel:
    case Opcode::cmp: case Opcode::cmpn: case Opcode::and_: case Opcode::or_: case Opcode::xor_: case Opcode::not_:
      return true;
    default: return false;
  }
}

void run_exact(Thread& t, const Step& s) {
  if (s.special_source) refresh_special(t, s);
  std::uint32_t mask = execution_mask(t, s);
  const std::uint32_t predicate = s.predicate == Predicate::none ? lanes(s.channels) : predicate_mask(t, s, mask);
  const bool select = s.opcode == Opcode::sel && s.condition == Condition::none;
  if (!select) mask &= predicate;
  const bool compare = s.opcode == Opcode::cmp || s.opcode == Opcode::cmpn;
  const int shift_mask = size_of(s.destination.type) == 8 || size_of(s.source[0].type) == 8 ? 63 : 31;
  Wide results[32] = {};
  std::uint32_t flags = 0;
  for (int c = 0; c < s.channels; ++c) {
    const Wide a = operand(t, s.source[0], c), b = operand(t, s.source[1], c);
    const int shift = static_cast<int>(b) & shift_mask;
    Wide v = a;
    switch (s.opcode) {
      case Opcode::add: v = a + b; break;
      case Opcode::mul: v = a * b; break;
      case Opcode::shl: v = static_cast<Wide>(static_cast<unsigned __int128>(a) << shift); break;
      case Opcode::shr: v = Wide{static_cast<std::uint64_t>(a) >> shift}; break;
      case Opcode::asr: v = a >> shift; break;
      case Opcode::and_: v = a & b; break;
      case Opcode::or_: v = a | b; break;
      case Opcode::xor_: v = a ^ b; break;
      case Opcode::not_: v = ~a; break;
      case Opcode::sel: v = (select ? (predicate >> c & 1) != 0 : compares(s.condition, a, b)) ? a : b; break;
      case Opcode::cmp: case Opcode::cmpn: v = compares(s.condition, a, b) ? -1 : 0; break;
      default: break;
    }
    if (is_logic(s.opcode)) v = wrapped(v, size_of(s.source[0].type) > size_of(s.destination.type) ? s.source[0].type : s.destination.type);
    bool flag = compare ? v != 0 : compares(s.condition, v, 0);
    if (s.condition == Condition::ov) flag = v < lowest_of(s.destination.type) || v > Wide{highest_of(s.destination.type)};
    flags |= static_cast<std::uint32_t>(flag) << c;
    results[c] = v;
  }
  if (s.condition != Condition::none && s.opcode != Opcode::sel) {
    std::uint8_t* p = t.r + RegisterFile::flag + 2 * s.flag;
    const std::uint64_t old = peek<std::uint64_t>(p), changed = std::uint64_t{mask} << s.first_channel;
    poke(p, (old & ~changed) | ((std::uint64_t{flags} << s.first_channel) & changed));
  }
  for (int c = 0; c < s.channels && !s.destination.none; ++c) {
    if ((mask >> c & 1) != 0) store(t.r + s.destination.base + c * s.destination.step, s, results[c]);
  }
  if (s.special_destination) wrote_special(t, s);
}

}  // namespace xpuq::xe
