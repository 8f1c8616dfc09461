// What an instruction waits for before it executes: the dependency annotation (software scoreboard) that compilers write
// into every instruction because the hardware does not track registers by itself.
// Source: IGA's decoder (visa/iga/IGALibrary/api/iga_types_swsb.cpp), nGEN's SWSBInfo12 and SWSBInfoXeHPC.
#pragma once

#include <cstdint>
#include <string>

#include "xe/platform.h"

namespace xpuq::xe {

/// The pipes that finish their instructions in order, as a distance names them.
enum class DistancePipe : std::uint8_t { none, own, all, floating, integer, wide, math, scalar };

/// What an instruction does with a token: takes it until its results have arrived (set), waits until the sources of the
/// token's instruction have been read (source) or until its results have arrived (destination).
enum class TokenUse : std::uint8_t { none, set, source, destination };

struct Annotation {
  DistancePipe pipe = DistancePipe::none;
  std::uint8_t distance = 0;  ///< waits for the instruction so many before this one in the pipe, and all before that
  TokenUse use = TokenUse::none;
  std::uint8_t token = 0;
  bool no_accumulator_set = false;  ///< Xe-HPC on: the accumulator is not tracked
  bool known = true;                ///< false: a pattern that means nothing
};

/// What distances and tokens mean together depends on the kind of the instruction.
enum class AnnotatedKind : std::uint8_t { in_order, math, systolic, message };

/// `bits`: 8 on Xe-HPG, 10 since Xe-HPC.
Annotation decode_annotation(Platform platform, std::uint32_t bits, AnnotatedKind kind);

/// As Intel's disassembler writes it: "@1,$3.dst"; empty for none.
std::string text_of(const Annotation& annotation);

}  // namespace xpuq::xe
