// From bytes to instructions, for Xe-HPG, Xe-HPC, Xe2 and Xe3; compact instructions are expanded first.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xe/compact.h"
#include "xe/instruction.h"
#include "xe/platform.h"
#include "xpuq/result.h"

namespace xpuq::xe {

/// Decodes one full instruction. Error E621: `what` says which field is none of the instruction set's.
Result<Instruction> decode_instruction(Platform platform, const Bits128& bits, std::uint32_t offset, const std::string& who);

/// Decodes a kernel's code. An unknown instruction is no error yet: padding and data behind the end of a kernel are
/// never executed. It becomes Opcode::illegal, and executing it is the error.
std::vector<Instruction> decode_kernel(Platform platform, std::span<const std::uint8_t> code);

}  // namespace xpuq::xe
