// Machine code from fields: the other direction of decode.h, for tests.
// Source of the bit positions: nGEN's Instruction12 / InstructionXeHPC (oneDNN, third_party/ngen/ngen_gen12.hpp).
#pragma once

#include <vector>

#include "xe/compact.h"
#include "xe/instruction.h"
#include "xe/platform.h"

namespace xe_test {

/// A full instruction. What the encoding has no place for (a 64-bit second immediate, an odd byte) is lost: compare
/// with what decode_instruction() makes of it.
xpuq::xe::Bits128 encode(xpuq::xe::Platform platform, const xpuq::xe::Instruction& instruction);

/// Instructions one behind the other, 16 bytes each, as the decoder reads them. Empty where one is none of the instruction
/// set's.
std::vector<xpuq::xe::Instruction> assemble(xpuq::xe::Platform platform, const std::vector<xpuq::xe::Instruction>& code);

}  // namespace xe_test
