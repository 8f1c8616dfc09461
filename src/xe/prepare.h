// Instructions made ready: operands resolved to bytes of the register array, regions classified, the function that
// executes each one chosen. Done once per kernel.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "xe/instruction.h"
#include "xe/platform.h"
#include "xe/ze_info.h"

namespace xpuq::xe {

struct Thread;
struct Step;
using Run = void (*)(Thread& thread, const Step& step);

enum class Shape : std::uint8_t {
  flat,      ///< elements one behind the other
  scalar,    ///< one element for all channels
  strided,   ///< a constant number of bytes apart
  rows,      ///< (c / width) * vertical + (c % width) * horizontal
  indirect,  ///< registers named by a0
};

struct Source {
  Type type = Type::none;
  Shape shape = Shape::scalar;
  bool negate = false;
  bool absolute = false;
  bool invert = false;
  bool per_row = false;
  std::uint8_t width_shift = 0;         ///< log2 of the region's width
  std::uint8_t unused_bits = 0;         ///< of 64, above an element
  std::uint8_t address_word = 0;
  std::int8_t macro = -1;
  std::int16_t address_offset = 0;
  std::uint16_t step = 0;               ///< bytes; rows: between elements of a row
  std::uint16_t vertical = 0;           ///< bytes between rows
  std::uint32_t base = 0;
  const std::uint8_t* fixed = nullptr;  ///< an immediate, spread out; replaces the register
};

struct Destination {
  Type type = Type::none;
  bool none = true;                     ///< null: nothing is stored
  bool flat = false;
  bool indirect = false;
  std::uint8_t address_word = 0;
  std::int8_t macro = -1;
  std::int16_t address_offset = 0;
  std::uint16_t step = 0;
  std::uint32_t base = 0;
};

/// In what the arithmetic happens.
enum class Domain : std::uint8_t { int32, int64, float32, float64 };

/// What the instruction keeps busy, for counts.
enum class Pipe : std::uint8_t { integer, floating, math, systolic, message, control };

struct Step {
  Run run = nullptr;
  Run general = nullptr;            ///< where `run` is a special form: what it falls back to
  Opcode opcode = Opcode::illegal;
  std::uint8_t channels = 1;
  std::uint8_t first_channel = 0;
  bool no_mask = false;
  bool saturate = false;
  bool writes_accumulator = false;
  bool compares_unsigned = false;   ///< all integer sources are unsigned
  bool special_source = false;      ///< ce, ip or tm is read
  bool special_destination = false; ///< cr0 or sr0 is written
  Predicate predicate = Predicate::none;
  bool predicate_inverted = false;
  std::uint8_t predicate_group = 0;
  std::uint8_t flag = 0;
  Condition condition = Condition::none;
  Domain domain = Domain::int32;
  Pipe pipe = Pipe::control;
  MathFunction math = MathFunction::inv;
  std::uint8_t table = 0;
  std::uint8_t depth = 0;
  std::uint8_t repeat = 0;
  std::int32_t jump = -1;           ///< step; -1: no instruction begins there
  std::int32_t update = -1;
  std::uint32_t index = 0;          ///< of the instruction
  std::uint32_t offset = 0;
  Destination destination;
  Source source[3];
  Send send;
};

struct PreparedCode {
  std::vector<Instruction> instructions;
  std::vector<Step> steps;
  std::vector<std::unique_ptr<std::array<std::uint8_t, 256>>> immediates;
  int entry = 0;                ///< first step, behind the prologue; -1: no instruction begins there
  bool uses_atomics = false;    ///< on global memory
  bool pairs_threads = false;   ///< dpasw
  Run systolic = nullptr;       ///< executes dpasw for a pair

  /// The step that begins at byte `offset`; -1 if none does.
  int step_at(std::int64_t offset) const;
};

/// The functions that execute arithmetic, compiled for one instruction set of the host.
struct AluTable {
  Run integer32[4];  ///< 1, 8, 16, 32 channels
  Run integer64[4];
  Run float32[4];
  Run float64[4];
  Run systolic;
  /// A function for exactly this form of step, with the same result as the general one, which stands in `step.general`;
  /// null: there is none.
  Run (*form_of)(const Step& step);

  bool is_general(Run run) const;
};
/// For the machine that runs: AVX2 with FMA and F16C, or plain.
const AluTable& alu_table();
const AluTable& alu_table_plain();
/// Null if this machine has no AVX2.
const AluTable* alu_table_avx2();
/// Special forms in AVX2. Source: alu_forms_avx2.cpp.
Run avx2_form_of(const Step& step);

/// What cannot be executed becomes a step that reports so when it is reached.
std::shared_ptr<const PreparedCode> prepare_kernel(Platform platform, const KernelInfo& info, std::vector<Instruction> code,
                                                   const AluTable& alu = alu_table());

}  // namespace xpuq::xe
