// Barriers between commands that depend on each other.
#pragma once

#include <vector>

#include "gpu/program.h"

namespace xpuq::gpu {

/// Sets `barrier` where a command reads or overwrites what one since the last barrier writes, or overwrites what one
/// since then reads; clears it everywhere else. The fewest barriers that a list executed front to back needs.
void set_barriers(std::vector<Command>& commands);

}  // namespace xpuq::gpu
