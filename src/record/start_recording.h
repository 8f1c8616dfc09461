// Runs xpuq-record, the process that compiles plans for one GPU.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gpu/program.h"
#include "gpu/targets.h"
#include "record/kernel_choice.h"
#include "xpuq/result.h"

namespace xpuq::record {

/// Whose machine code is wanted: a target that the driver simulates, or GPU number `device` of this machine.
struct RecordingDevice {
  std::optional<gpu::Target> target;
  std::size_t device = 0;
};

/// Programs of all plans of the artifact in `path`. A driver that gives up is an error here: E503 when something is not installed, E101 with
/// what the process said, or the recorder's own E601.
Result<std::vector<gpu::Program>> start_recording(const std::string& path, const RecordingDevice& device, const KernelChoices& choices = {});

}  // namespace xpuq::record
