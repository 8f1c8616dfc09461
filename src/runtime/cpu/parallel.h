// Splits loops over threads: those of the pool of the plan that runs, or OpenMP's. Every index is computed by exactly one thread in one fixed way, so results never
// depend on the number of threads.
#pragma once

#include <omp.h>

#include <algorithm>
#include <cstdint>

#include "runtime/cpu/thread_pool.h"

namespace xpuq::cpu {

/// Indices [begin, end) that `part` of `parts` has to do; sizes differ by at most one.
struct Range {
  std::int64_t begin;
  std::int64_t end;
};
inline Range split_evenly(std::int64_t count, std::int64_t parts, std::int64_t part) {
  const std::int64_t each = count / parts, rest = count % parts;
  const std::int64_t begin = part * each + std::min(part, rest);
  return {begin, begin + each + (part < rest ? 1 : 0)};
}

/// body(begin, end, thread) on contiguous parts of [0, count); `grain` indices are worth waking a thread for.
template <class Body>
void parallel_ranges(std::int64_t count, std::int64_t grain, const Body& body) {
  const std::int64_t useful = std::max<std::int64_t>(1, count / std::max<std::int64_t>(1, grain));
  const int available = current_pool != nullptr ? current_pool->threads() : omp_get_max_threads();
  const int threads = static_cast<int>(std::min<std::int64_t>(useful, available));
  if (threads <= 1) {
    if (count > 0) body(std::int64_t{0}, count, 0);
    return;
  }
  if (current_pool != nullptr) {
    current_pool->run(threads, [&](std::int64_t part, int thread) {
      const Range range = split_evenly(count, threads, part);
      if (range.begin < range.end) body(range.begin, range.end, thread);
    });
    return;
  }
#pragma omp parallel num_threads(threads)
  {
    // The runtime may give fewer threads than asked for.
    const int thread = omp_get_thread_num();
    const Range range = split_evenly(count, omp_get_num_threads(), thread);
    if (range.begin < range.end) body(range.begin, range.end, thread);
  }
}

/// body(task, thread) for coarse tasks of unequal cost, handed out as threads become free.
template <class Body>
void parallel_tasks(std::int64_t count, int max_threads, const Body& body) {
  const int threads = static_cast<int>(std::min<std::int64_t>(count, max_threads));
  if (threads <= 1) {
    for (std::int64_t task = 0; task < count; ++task) body(task, 0);
    return;
  }
  if (current_pool != nullptr) return current_pool->run(count, body);
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
  for (std::int64_t task = 0; task < count; ++task) body(task, omp_get_thread_num());
}

}  // namespace xpuq::cpu
