#include "gpu/hazards.h"

#include <algorithm>

#include "gpu/commands.h"

namespace xpuq::gpu {

void set_barriers(std::vector<Command>& commands) {
  std::vector<BufferArgument> open;  // accesses since the last barrier
  for (Command& command : commands) {
    const std::vector<BufferArgument> now = accesses(command);
    command.barrier = std::any_of(now.begin(), now.end(), [&](const BufferArgument& a) {
      return std::any_of(open.begin(), open.end(), [&](const BufferArgument& b) { return conflict(a, b); });
    });
    if (command.barrier) open.clear();
    open.insert(open.end(), now.begin(), now.end());
  }
}

}  // namespace xpuq::gpu
