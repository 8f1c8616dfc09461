#include "runtime/gpu_device.h"

#include <array>

namespace xpuq {

std::string_view to_string(Bound bound) {
  static constexpr std::array<std::string_view, 11> kNames{"launch", "integer", "float", "math", "dpas", "messages", "local memory", "L1", "L2", "memory", "latency"};
  return kNames[static_cast<std::size_t>(bound)];
}

}  // namespace xpuq
