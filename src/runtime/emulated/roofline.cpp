#include "runtime/emulated/roofline.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace xpuq {
namespace {

/// Loads that a thread has on their way together. Kernels here are unrolled; Hong and Kim measure their kernels' own.
constexpr double kLoadsInFlight = 4;

/// Cycles of a load, by how much of what messages touch comes from each level.
double load_cycles(const xe::TrafficCounts& t, const PartRates& rates) {
  if (t.l1_bytes == 0) return rates.l1_cycles;
  const auto share = [&](std::uint64_t bytes) { return std::min(1.0, static_cast<double>(bytes) / static_cast<double>(t.l1_bytes)); };
  return rates.l1_cycles + share(t.l2_bytes) * rates.l2_cycles + share(t.dram_bytes) * rates.dram_cycles;
}

}  // namespace

PredictedTime predict(const LaunchWork& work, const gpu::DeviceKey& shape, const PartRates& rates) {
  const double cores = shape.slices * shape.subslices, groups = static_cast<double>(std::max<std::uint64_t>(work.groups, 1));
  const double threads = static_cast<double>(std::max<std::uint64_t>(work.threads_per_group, 1));
  const double cycle = 1 / rates.clock_hz;
  // The core with the most groups ends last.
  const double rounds = std::max(1.0, static_cast<double>((work.groups + static_cast<std::uint64_t>(cores) - 1) / static_cast<std::uint64_t>(cores)));
  const double share = rounds / groups;  // of the launch's work, on that core
  const double engines = std::min(static_cast<double>(shape.eus), rounds * threads);
  const auto pipe = [&](xe::Pipe p) { return static_cast<double>(work.engines.cycles[static_cast<std::size_t>(p)]) * share / engines * cycle; };

  // Threads that are there together hide each other's waiting; those that do not fit come in another wave.
  const double resident = shape.eus * (shape.threads / (work.large_registers ? 2.0 : 1.0));
  double together = std::max(1.0, std::floor(resident / threads));
  if (work.local_per_group != 0) together = std::min(together, std::max(1.0, std::floor(static_cast<double>(rates.l1_bytes) / static_cast<double>(work.local_per_group))));
  const double waves = std::ceil(rounds / together);
  double busy = 0;
  for (std::uint64_t c : work.engines.cycles) busy += static_cast<double>(c);
  const double one_thread = (busy + static_cast<double>(work.engines.loads) / kLoadsInFlight * load_cycles(work.traffic, rates)) / (groups * threads);

  const std::pair<Bound, double> bounds[] = {
      {Bound::integer, pipe(xe::Pipe::integer)},
      {Bound::floating, pipe(xe::Pipe::floating)},
      {Bound::math, pipe(xe::Pipe::math)},
      {Bound::systolic, pipe(xe::Pipe::systolic)},
      {Bound::messages, pipe(xe::Pipe::message)},
      {Bound::local_memory, static_cast<double>(work.local_bytes) * share / rates.l1_bytes_per_cycle * cycle},
      {Bound::l1, static_cast<double>(work.traffic.l1_bytes) * share / rates.l1_bytes_per_cycle * cycle},
      {Bound::l2, static_cast<double>(work.traffic.l2_bytes) * share / rates.l2_bytes_per_cycle * cycle},
      {Bound::dram, static_cast<double>(work.traffic.dram_bytes) / rates.dram_bytes_per_second},
      {Bound::latency, waves * one_thread * cycle},
  };
  PredictedTime out{rates.launch_seconds, Bound::launch};
  double longest = 0;
  for (const auto& [bound, seconds] : bounds) {
    longest = std::max(longest, seconds);
    if (seconds == longest && seconds > rates.launch_seconds) out.bound = bound;
  }
  // The gap to the launch before is there in any case.
  out.seconds = rates.launch_seconds + longest;
  return out;
}

}  // namespace xpuq
