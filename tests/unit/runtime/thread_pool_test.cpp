#include "runtime/cpu/thread_pool.h"

#include <memory>
#include <vector>

#include "catch.h"
#include "runtime/cpu/parallel.h"

using namespace xpuq::cpu;

TEST_CASE("runtime: a thread pool does every task of every job once") {
  for (int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    for (int job = 0; job < 2000; ++job) {
      std::vector<std::atomic<int>> done(job % 37);
      std::atomic<int> strangers = 0;
      pool.run(static_cast<std::int64_t>(done.size()), [&](std::int64_t task, int thread) {
        ++done[task];
        if (thread < 0 || thread >= pool.threads()) ++strangers;
      });
      for (const auto& count : done) REQUIRE(count == 1);
      REQUIRE(strangers == 0);
    }
  }
}

TEST_CASE("runtime: what a job wrote is seen by its caller and by the next job") {
  ThreadPool pool(4);
  std::vector<int> values(1000, 0);
  for (int job = 1; job <= 200; ++job) {
    pool.run(static_cast<std::int64_t>(values.size()), [&](std::int64_t i, int) { values[i] += job; });
  }
  CHECK(values == std::vector<int>(1000, 200 * 201 / 2));
}

TEST_CASE("runtime: a pool whose threads sleep wakes up") {
  ThreadPool pool(3);
  for (int job = 0; job < 5; ++job) {
    std::atomic<int> sum = 0;
    pool.run(64, [&](std::int64_t i, int) { sum += static_cast<int>(i); });
    CHECK(sum == 64 * 63 / 2);
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
  }
}

TEST_CASE("runtime: loops run on the pool of their scope, with the same parts as without") {
  const auto parts = [] {
    std::vector<int> of(1000, -1);
    parallel_ranges(1000, 10, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t i = begin; i < end; ++i) of[i] = static_cast<int>(begin);
    });
    return of;
  };
  omp_set_num_threads(3);
  const std::vector<int> openmp = parts();
  ThreadPool pool(3);
  const PoolScope scope(&pool);
  CHECK(current_pool == &pool);
  CHECK(parts() == openmp);
  std::atomic<std::int64_t> sum = 0;
  parallel_tasks(100, 2, [&](std::int64_t task, int) { sum += task; });
  CHECK(sum == 4950);
}
