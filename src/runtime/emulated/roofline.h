// Predicted time of a launch: the longest of what its counted work needs of each part of the GPU.
// Source of the form: Williams, Waterman, Patterson, "Roofline" (CACM 2009); the bound by latency of one wave of threads
// follows Hong and Kim (ISCA 2009), with loads of one thread overlapping.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "runtime/emulated/part_rates.h"
#include "runtime/gpu_device.h"
#include "xe/step_cost.h"
#include "xe/traffic.h"

namespace xpuq {

/// What one launch was counted to do.
struct LaunchWork {
  xe::EngineLoad engines;
  xe::TrafficCounts traffic;
  std::uint64_t local_bytes = 0;        ///< of shared local memory, read and written
  std::uint64_t groups = 0;
  std::uint64_t threads_per_group = 0;
  std::uint64_t local_per_group = 0;    ///< local memory that a group occupies, bytes
  bool large_registers = false;         ///< 256 registers a thread: half as many threads fit
};

struct PredictedTime {
  double seconds = 0;
  Bound bound = Bound::launch;
};

PredictedTime predict(const LaunchWork& work, const gpu::DeviceKey& shape, const PartRates& rates);

}  // namespace xpuq
