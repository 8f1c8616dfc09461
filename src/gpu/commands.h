// What a command touches, the one question that barriers, the verifier and every device ask.
#pragma once

#include <string_view>
#include <vector>

#include "gpu/program.h"

namespace xpuq::gpu {

/// All ranges that a command may read or write.
std::vector<BufferArgument> accesses(const Command& command);

inline bool reads(Access access) { return access != Access::write; }
inline bool writes(Access access) { return access != Access::read; }
inline bool overlap(const Range& a, const Range& b) {
  return a.arena == b.arena && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}
/// True when the order of two commands with these accesses matters.
inline bool conflict(const BufferArgument& a, const BufferArgument& b) {
  return (writes(a.access) || writes(b.access)) && overlap(a.range, b.range);
}

std::string_view arena_name(Arena arena);

}  // namespace xpuq::gpu
