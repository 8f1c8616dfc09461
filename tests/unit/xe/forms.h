// The form of an instruction: what an emulator has to tell apart, without registers and values.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "xe/instruction.h"
#include "xe/platform.h"

namespace xe_test {

/// "add f|f.1,-f.0 sat lt" for arithmetic: opcode, destination | sources, modifiers; the number of channels is apart.
/// An operand is its type and the class of its region: nothing for elements one behind the other, ".0" one for all,
/// ".s" a stride, ".r" rows, ".x" named by a0, ".xr" by an element of a0 per row, "#" an immediate; in front "-" and "a" for
/// negation and the absolute value, and the register file where it is not the general one. Messages: unit, operation,
/// element, vector, address size, surface. Empty for what is no instruction.
std::string form_of(const xpuq::xe::Instruction& instruction);

/// Forms, and for each the numbers of channels (bits 0 to 5: 1 to 32) by encoding.
using Forms = std::map<std::string, std::array<std::uint8_t, 3>>;
/// Those of a kernel, up to its last end of a thread.
void add_forms(xpuq::xe::Platform platform, std::span<const xpuq::xe::Instruction> code, Forms& forms);
/// One line each: "FORM : hpg 8,16 hpc 16 xe2 16,32".
std::string to_text(const Forms& forms);

}  // namespace xe_test
