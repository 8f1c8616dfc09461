// An Intel GPU as a program on the host: executes the machine code of a program and computes what the card would.
#pragma once

#include <memory>

#include "gpu/targets.h"
#include "runtime/gpu_device.h"

namespace xpuq {

/// The device of a target ("dg2", "b580"). E503 for one that cannot be emulated.
Result<std::shared_ptr<GpuDevice>> emulated_device(const gpu::Target& target);

}  // namespace xpuq
