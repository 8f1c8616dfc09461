// Programs compiled on this machine, kept for the next run: in XPUQ_CACHE_DIR, else $XDG_CACHE_HOME/xpuq, else
// ~/.cache/xpuq. Safe to delete at any time.
#pragma once

#include <optional>

#include "gpu/program.h"
#include "plan/plan.h"

namespace xpuq {

/// Empty when there is none, or when what is there is not accepted by the verifier.
std::optional<gpu::Program> load_cached_program(const Plan& plan, const gpu::DeviceKey& device);

/// Nothing happens but an information line when the folder cannot be written, and nothing at all where there is none.
/// The oldest files go when the folder holds more than XPUQ_CACHE_SIZE (1GiB).
void store_cached_program(const Plan& plan, const gpu::Program& program);

}  // namespace xpuq
