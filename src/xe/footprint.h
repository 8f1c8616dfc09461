// Which bytes of the general and scalar registers an instruction reads and writes, and the pipe that executes it.
// Source: nGEN's getOperandRegion and getPipe (oneDNN, third_party/ngen/ngen_gen12.hpp, ngen_auto_swsb.hpp), IGA's RegDeps.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "xe/instruction.h"
#include "xe/platform.h"

namespace xpuq::xe {

struct RegisterBytes {
  std::uint16_t reg = 0;    ///< general registers, then scalar ones from kScalarRegister on
  std::uint64_t bytes = 0;  ///< a bit each
};
inline constexpr std::uint16_t kScalarRegister = 256;
inline constexpr int kTrackedRegisters = 258;

/// Who finishes an instruction. The first five finish theirs in order, the others when they are done. Messages to
/// different units are different pipes: message + code of the unit.
enum class Executor : std::uint8_t { integer, floating, wide, math, scalar, systolic, unordered_math, control, message = 16 };
inline constexpr int kOrderedExecutors = 5;

struct Footprint {
  Executor executor = Executor::control;
  std::uint8_t own = 0;         ///< ordered executors that a distance without a pipe means, a bit each
  bool changes = false;         ///< registers depend on values: message_footprint, indirect_footprint
  std::vector<RegisterBytes> reads, writes;
};

/// Of one instruction. Of operands whose registers depend on values nothing is listed.
Footprint footprint_of(Platform platform, const Instruction& instruction);

/// Adds `count` whole registers.
void add_registers(std::vector<RegisterBytes>& to, int register_bytes, std::uint32_t first, std::uint32_t count);

}  // namespace xpuq::xe
