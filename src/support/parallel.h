// Independent tasks on a few threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace xpuq {

/// Cores that the process may use.
int available_threads();

/// Calls task(i) for i in [0, count), each once, on up to `threads` threads (the caller's among them). Tasks must not
/// throw and must not depend on each other.
template <class Task>
void parallel_for(std::size_t count, int threads, Task task) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) task(i);
  };
  std::vector<std::thread> helpers;
  const std::size_t wanted = std::min<std::size_t>(static_cast<std::size_t>(std::max(threads, 1)), count);
  for (std::size_t t = 1; t < wanted; ++t) helpers.emplace_back(work);
  work();
  for (std::thread& t : helpers) t.join();
}

}  // namespace xpuq
