// Where model inputs and outputs lie in their arenas: one after the other, in the model's order.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gpu/program.h"
#include "plan/plan.h"

namespace xpuq::gpu {

inline std::uint64_t align_gpu(std::uint64_t bytes) { return (bytes + kGpuAlignment - 1) / kGpuAlignment * kGpuAlignment; }

struct Ports {
  std::vector<Range> ranges;  ///< one per plan.inputs or plan.outputs; a value that is two outputs has one place
  std::uint64_t bytes = 0;    ///< of the arena
};
Ports input_ports(const Plan& plan);
Ports output_ports(const Plan& plan);

}  // namespace xpuq::gpu
