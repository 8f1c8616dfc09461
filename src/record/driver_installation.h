// The Intel GPU driver on this machine: where it is, and the environment in which it shows a simulated device.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gpu/targets.h"
#include "xpuq/result.h"

namespace xpuq::record {

struct DriverInstallation {
  std::string root;     ///< folder of the unpacked packages; empty: installed in the system
  std::string library;  ///< folder of its libraries
};

/// In this order: the folder that XPUQ_GPU_DRIVER names; an installed driver of 2024 or later; one that
/// lies unpacked in the folder gpu-driver of this installation (see companion_paths). E503 says what was looked for.
Result<DriverInstallation> find_driver();

/// How a program is started so that it uses the driver: an unpacked one brings a C library of its own, under whose
/// loader the program runs. `libraries` are more folders to find libraries in.
std::vector<std::string> command_line(const DriverInstallation& driver, const std::vector<std::string>& libraries, std::vector<std::string> program);

/// Makes the driver show a device that is not there: it compiles and submits, and computes nothing. These are debug keys
/// of Intel's compute-runtime (shared/source/debug_settings/debug_variables_base.inl).
std::vector<std::pair<std::string, std::string>> simulate(const DriverInstallation& driver, const gpu::Target& target);

}  // namespace xpuq::record
