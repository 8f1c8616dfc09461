// What arithmetic instructions do, channel by channel, straight from the documents: numbers are exact, and rounded once
// to the type in which the instruction computes and once to the destination's. Written apart from src/xe/alu_*.inl.
// Sources: vISA's pages (documentation/visa/2_datatypes.md and instructions/*.md of intel-graphics-compiler); PRM DG2
// volume 9, "Instruction Set Reference"; the type tables of IGA (visa/iga/IGALibrary/Models/bxml).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "xe/registers.h"
#include "xe/instruction.h"

namespace xe_test {

__extension__ typedef __int128 Wide;
__extension__ typedef __float128 Quad;

/// A number that a register holds: an integer or a real, exactly.
struct Number {
  bool real = false;
  Wide i = 0;
  Quad f = 0;
};

struct State {
  int register_bytes = 32;
  std::vector<std::uint8_t> r = std::vector<std::uint8_t>(xpuq::xe::RegisterFile::total);
  std::array<Wide, 256> accumulator{};       ///< integers in full width, by 32-bit element
  double macro[8][32] = {};                  ///< extended-precision registers
  std::uint32_t active = ~0u;                ///< channels that execute
  bool approximate = false;                  ///< the last result is one of `math`: a unit in the last place may differ
};

/// Element `index` bytes from a place, as a type of register elements.
Number read_number(const std::uint8_t* at, xpuq::xe::Type type);
/// Rounded, wrapped or clamped to the type. `control`: cr0.0, with the rounding modes.
void write_number(std::uint8_t* at, xpuq::xe::Type type, Number value, bool saturate, std::uint32_t control);

/// A sum, exact but for the last bit of 113, which is then odd: rounding to a shorter type later sees which side it is on.
Quad sum_to_odd(Quad a, Quad b);
Quad quad_floor(Quad x);

/// Executes an arithmetic instruction; empty, or why the model does not know it.
std::string execute(const xpuq::xe::Instruction& instruction, State& state);

}  // namespace xe_test
