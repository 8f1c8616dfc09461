// An Intel GPU as a program on the host: executes the machine code of a program and computes what the card would.
#pragma once

#include <cstdint>
#include <memory>

#include "gpu/targets.h"
#include "runtime/gpu_device.h"

namespace xpuq {

/// What a program may take, whoever wrote it.
struct EmulationLimits {
  /// That one inference, or the set-up, may execute; the starts of threads, local memory and copies count, too (E623). At 100
  /// million a second, eleven minutes.
  std::uint64_t instructions = std::uint64_t{1} << 36;
  /// Of the device: arenas, the data of modules, private memory (E622).
  std::uint64_t memory_bytes = std::uint64_t{8} << 30;
};

/// The device of a target ("dg2", "b580"). E503 for one that cannot be emulated.
Result<std::shared_ptr<GpuDevice>> emulated_device(const gpu::Target& target, const EmulationLimits& limits = {});

}  // namespace xpuq
