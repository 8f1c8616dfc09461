// Threads for the steps of a plan. Unlike an OpenMP team no thread ever waits for one that has not started: a task belongs
// to whoever takes it, and the caller can do all of them. Where cores are shared with other processes that is the
// difference between a slightly longer step and one that waits for the scheduler, milliseconds every time.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace xpuq::cpu {

class ThreadPool {
 public:
  /// The caller of run() is one of the `threads`; the others start here, or as many of them as the system gives.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  /// body(task, thread) for every task in [0, count), count < 2^32, in any order; returns when all are done. One caller
  /// at a time.
  template <class Body>
  void run(std::int64_t count, const Body& body) {
    run(static_cast<std::uint32_t>(count), &body, [](const void* b, std::uint32_t task, int thread) {
      (*static_cast<const Body*>(b))(static_cast<std::int64_t>(task), thread);
    });
  }

 private:
  using Invoke = void (*)(const void* body, std::uint32_t task, int thread);
  void run(std::uint32_t count, const void* body, Invoke invoke);
  void work(int thread);
  /// Takes and does one task; false when none is left.
  bool do_one(int thread);

  /// Tasks of the job in the upper half, the first that nobody took in the lower. Whoever raises the lower half by one
  /// owns that task, and until it is done the job does not change.
  alignas(64) std::atomic<std::uint64_t> ticket_ = 0;
  alignas(64) std::atomic<std::uint32_t> done_ = 0;
  alignas(64) const void* body_ = nullptr;
  Invoke invoke_ = nullptr;
  /// Idle threads spin for a while, then sleep until wake_ changes.
  alignas(64) std::atomic<std::uint32_t> wake_ = 0;
  std::atomic<int> sleeping_ = 0;
  std::atomic<bool> stop_ = false;
  std::vector<std::thread> workers_;
};

/// The pool that parallel.h uses on this thread; null: OpenMP, as the steps of oneDNN do.
inline thread_local ThreadPool* current_pool = nullptr;

class PoolScope {
 public:
  explicit PoolScope(ThreadPool* pool) : before_(current_pool) { current_pool = pool; }
  ~PoolScope() { current_pool = before_; }
  PoolScope(const PoolScope&) = delete;
  PoolScope& operator=(const PoolScope&) = delete;

 private:
  ThreadPool* before_;
};

}  // namespace xpuq::cpu
