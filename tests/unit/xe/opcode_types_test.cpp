// Every arithmetic opcode with every combination of types that the instruction set has (IGA's tables,
// visa/iga/IGALibrary/Models/bxml), with random regions, modifiers, conditions, predicates and immediates, against the
// model; on Xe-HPG and on an encoding with 64-byte registers.
#include "catch.h"

#include "assembler.h"
#include "comparison.h"
#include "forms.h"
#include "xe/decode.h"

using namespace xe_test;

namespace {

using Types = std::vector<Type>;
const Types kSmall = {Type::ub, Type::b, Type::uw, Type::w, Type::ud, Type::d}, kWords = {Type::uw, Type::w}, kWordsUp = {Type::uw, Type::w, Type::ud, Type::d};
const Types kDoubles = {Type::ud, Type::d}, kUnsigned = {Type::uw, Type::ud}, kBytes = {Type::ub, Type::b}, kLong = {Type::uq, Type::q}, kUnsignedLong = {Type::uq};
const Types kFloat = {Type::f}, kHalf = {Type::hf}, kBrain = {Type::bf, Type::f}, kDouble = {Type::df};

struct Row {
  std::vector<Opcode> opcodes;
  Types to, from;
  bool saturates, compares, modified;  ///< what the opcodes may have
  bool hpg = true;                     ///< Xe-HPG has it, too
};

const std::vector<Row>& rows() {
  using enum Opcode;
  static const std::vector<Row> all = {
      {{mov}, kSmall, kSmall, true, true, true},
      {{mov}, {Type::f, Type::hf}, kSmall, true, true, true},
      {{mov}, kSmall, {Type::f, Type::hf}, true, true, true},
      {{mov}, {Type::f, Type::hf}, {Type::f, Type::hf}, true, true, true},
      {{mov}, {Type::bf}, kFloat, false, false, true},
      {{mov}, kFloat, {Type::bf}, false, false, true},
      {{mov}, {Type::df, Type::f, Type::uq, Type::q, Type::ud, Type::d}, kDouble, true, true, true, false},
      {{mov}, kDouble, {Type::f, Type::uq, Type::q, Type::ud, Type::d, Type::w}, true, true, true, false},
      {{mov}, {Type::uq, Type::q, Type::f, Type::ud, Type::d, Type::w}, kLong, true, true, true, false},
      {{mov}, kLong, {Type::f, Type::uw, Type::w, Type::ud, Type::d}, true, true, true, false},
      {{add, avg}, kSmall, kSmall, true, true, true},
      {{add}, kLong, {Type::w, Type::ud, Type::d, Type::uq, Type::q}, true, true, true, false},
      {{mul}, kWords, kBytes, true, true, true},
      {{mul}, kDoubles, kWordsUp, true, true, true},
      {{mul}, kWords, kWords, true, true, true},
      {{mul}, kLong, kDoubles, true, true, true, false},
      {{mad}, kWordsUp, kWords, true, true, true},
      {{add3}, kWordsUp, kWordsUp, true, true, true},
      {{mac}, kDoubles, {Type::ub, Type::b, Type::uw, Type::w}, true, true, true},
      {{add, mul, mac, mad}, kFloat, kFloat, true, true, true},
      {{add, mul, mad}, kHalf, kHalf, true, true, true},
      {{add, mul, mad}, kBrain, kBrain, false, false, true},
      {{add, mul, mad}, kDouble, kDouble, true, true, true, false},
      {{sel}, kSmall, kSmall, true, true, true},
      {{sel}, kFloat, kFloat, true, true, true},
      {{sel}, kHalf, kHalf, true, true, true},
      {{sel}, kDouble, kDouble, true, true, true, false},
      {{sel}, kLong, kLong, true, true, true, false},
      {{cmp}, kSmall, kSmall, false, true, true},
      {{cmp}, kFloat, kFloat, false, true, true},
      {{cmp}, kHalf, kHalf, false, true, true},
      {{cmp}, kDouble, kDouble, false, true, true, false},
      {{cmp}, kLong, kLong, false, true, true, false},
      {{csel}, kFloat, kFloat, true, true, true},
      {{csel}, kHalf, kHalf, true, true, true},
      {{csel}, kDoubles, kDoubles, true, true, true},
      {{csel}, kWords, kWords, true, true, true},
      {{and_, or_, xor_}, kSmall, kSmall, false, true, true},
      {{not_}, kSmall, kSmall, false, true, false},
      {{and_, or_, xor_, not_}, kLong, kLong, false, true, true, false},
      {{shl, asr}, kSmall, kSmall, true, true, false},
      {{shr}, kUnsigned, kUnsigned, false, true, false},
      {{shl, asr}, {Type::q}, {Type::q, Type::d, Type::w}, true, true, false, false},
      {{shr}, kUnsignedLong, {Type::uq, Type::ud}, false, true, false, false},
      {{rol, ror}, {Type::ud}, {Type::ud}, false, true, false},
      {{rol, ror}, {Type::uw}, {Type::uw}, false, true, false},
      {{rol, ror}, kUnsignedLong, kUnsignedLong, false, false, false, false},
      {{bfn}, kUnsigned, kUnsigned, false, false, false},
      {{bfe, bfi2}, {Type::ud}, {Type::ud}, false, false, false},
      {{bfe, bfi2}, {Type::d}, {Type::d}, false, false, false},
      {{bfi1}, kDoubles, kDoubles, false, false, false},
      {{bfrev}, {Type::ud}, {Type::ud}, false, false, false},
      {{cbit}, {Type::ud}, {Type::ub, Type::uw, Type::ud}, false, true, false},
      {{fbl}, {Type::ud}, {Type::ud}, false, false, false},
      {{fbh}, {Type::ud}, kDoubles, false, false, false},
      {{lzd}, {Type::ud}, {Type::uw, Type::ud}, false, true, false},
      {{addc, subb}, {Type::ud}, {Type::ud}, false, false, false},
      {{dp4a}, kDoubles, kDoubles, true, true, false},
      {{rnde, rndd, rndu, rndz}, kFloat, kFloat, true, true, true},
  };
  return all;
}

Operand some_source(int reg, Type type, int channels, bool modified, bool ternary, int number, std::mt19937& rng) {
  const bool third = ternary && number == 2;
  Operand o = grf(reg, type, 0);
  switch (rng() % 5) {
    case 0: break;
    case 1: o = third ? grf(reg, type, 2, 1, 2) : grf(reg, type, 4, 2, 2); break;
    case 2: if (channels > 2 && !ternary) { o = grf(reg, type, 8, 4, 1); break; } [[fallthrough]];
    default: o = third ? grf(reg, type, 1, 1, 1) : channels >= 8 && !ternary ? grf(reg, type, 8, 8, 1) : grf(reg, type, 1); break;
  }
  if (channels == 1) o = grf(reg, type, 0);
  o.byte = static_cast<std::uint8_t>(rng() % 4 == 0 ? size_of(type) * 2 : 0);
  if (modified) {
    o.negate = rng() % 4 == 0;
    o.absolute = rng() % 6 == 0;
  }
  return o;
}

Instruction some_instruction(Opcode opcode, Type to_type, const Types& from, const Row& row, std::mt19937& rng) {
  const int sources = source_count(opcode);
  const bool ternary = sources == 3;
  const int channels = 1 << rng() % (size_of(to_type) == 8 ? 5 : 6);
  Instruction i;
  i.opcode = opcode;
  i.channels = static_cast<std::uint8_t>(channels);
  i.destination = to(136, to_type, channels > 1 && rng() % 4 == 0 ? 2 : 1);
  static constexpr int registers[] = {16, 56, 96};
  const bool logic = opcode == Opcode::and_ || opcode == Opcode::or_ || opcode == Opcode::xor_;
  for (int k = 0; k < sources; ++k) {
    const Type type = k == 0 ? from[rng() % from.size()] : opcode == Opcode::sel || opcode == Opcode::cmp ? i.source[0].type : from[rng() % from.size()];
    Operand& o = i.source[k] = some_source(registers[k], type, channels, row.modified, ternary, k, rng);
    // The magnitude of something unsigned is itself.
    if (logic || !is_signed(type)) o.absolute = false;
    const bool last = k == sources - 1 && k > 0, small = size_of(type) == 2 || (!ternary && size_of(type) == 4);
    if (last && small && type != Type::bf && rng() % 4 == 0) o = value(type, (size_of(type) == 2 ? (rng() & 0xffff) * (ternary ? 1 : 0x10001) : rng()));
    // Vectors of immediates: eight of four bits for words, four small floats.
    if (last && !ternary && o.file == File::immediate && rng() % 3 == 0) {
      if (type == Type::w || type == Type::uw) o.type = type == Type::w ? Type::v : Type::uv, o.value = rng();
      if (type == Type::f) o.type = Type::vf;
    }
  }
  i.table = static_cast<std::uint8_t>(rng());
  i.saturate = row.saturates && rng() % 3 == 0;
  const bool must = opcode == Opcode::cmp || opcode == Opcode::csel;
  if (must || (row.compares && rng() % 3 == 0)) i.condition = static_cast<Condition>(1 + rng() % 6);
  // Logic: zero or not, in as many bits as the sources have.
  const bool zero_only = logic || opcode == Opcode::not_ || opcode == Opcode::rol || opcode == Opcode::ror;
  if (zero_only && i.condition > Condition::ne) i.condition = Condition::ne;
  bool inverted = opcode == Opcode::not_, equal_sizes = true;
  for (int k = 0; k < sources; ++k) {
    inverted = inverted || i.source[k].negate;
    equal_sizes = equal_sizes && size_of(i.source[k].type) == size_of(i.destination.type);
  }
  if (zero_only && (!equal_sizes || (inverted && size_of(i.destination.type) < 4))) i.condition = Condition::none;
  if (opcode == Opcode::sel && i.condition != Condition::none) i.condition = rng() % 2 == 0 ? Condition::ge : Condition::lt;
  if (opcode == Opcode::addc || opcode == Opcode::subb) i.writes_accumulator = true;
  if (opcode != Opcode::csel && rng() % 3 == 0) {
    i.predicate = Predicate::normal;
    i.predicate_inverted = rng() % 2 == 0;
  }
  if (opcode == Opcode::sel && i.condition == Condition::none) i.predicate = Predicate::normal;
  i.flag = static_cast<std::uint8_t>(channels == 32 ? 2 * (rng() % 2) : rng() % 4);
  i.no_mask = rng() % 2 == 0;
  return i;
}

}  // namespace

TEST_CASE("every opcode does what the model says, for all types, regions, modifiers and conditions") {
  std::mt19937 rng(5);
  for (const Row& row : rows()) {
    for (const Opcode opcode : row.opcodes) {
      for (const Type to_type : row.to) {
        for (int k = 0; k < static_cast<int>(8 * row.from.size()); ++k) {
          const Platform platform = row.hpg && k % 2 == 0 ? Platform::dg2 : k % 4 == 1 ? Platform::bmg : Platform::pvc;
          const Instruction wanted = some_instruction(opcode, to_type, row.from, row, rng);
          const auto decoded = decode_instruction(platform, encode(platform, wanted), 0, "test");
          if (!decoded) FAIL(text_of(wanted) << ": " << decoded.error().text());
          if (text_of(*decoded) != text_of(wanted)) FAIL(text_of(*decoded) << " for " << text_of(wanted));
          // One in four with another rounding mode, or with rounding to nearest even of what becomes an integer.
          const std::uint32_t control = k % 4 == 3 ? (rng() & 0x1030) : 0;
          const std::string problem = compare_with_model(*decoded, platform, rng, control, k % 8 == 5);
          if (!problem.empty()) FAIL_CHECK(text_of(*decoded) << ": " << problem);
        }
      }
    }
  }
}
