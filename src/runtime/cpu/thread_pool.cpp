#include "runtime/cpu/thread_pool.h"

#include <system_error>

#include "runtime/cpu/isa.h"

#if XPUQ_X86
#include <immintrin.h>
#endif

namespace xpuq::cpu {
namespace {

/// About 30 microseconds: longer than the gaps between steps, short beside an inference.
constexpr int kSpins = 1500;
/// The caller gives its core away after this many looks at tasks that others are still doing.
constexpr int kPatience = 4000;

void pause() {
#if XPUQ_X86
  _mm_pause();
#else
  std::this_thread::yield();
#endif
}

constexpr std::uint32_t count_of(std::uint64_t ticket) { return static_cast<std::uint32_t>(ticket >> 32); }
constexpr std::uint32_t next_of(std::uint64_t ticket) { return static_cast<std::uint32_t>(ticket); }

}  // namespace

ThreadPool::ThreadPool(int threads) {
  try {
    for (int t = 1; t < threads; ++t) workers_.emplace_back([this, t] { work(t); });
  } catch (const std::system_error&) {
    // Fewer threads than asked for do the same work.
  }
}

ThreadPool::~ThreadPool() {
  stop_ = true;
  ++wake_;
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

bool ThreadPool::do_one(int thread) {
  std::uint64_t ticket = ticket_.load(std::memory_order_acquire);
  do {
    if (next_of(ticket) >= count_of(ticket)) return false;
  } while (!ticket_.compare_exchange_weak(ticket, ticket + 1, std::memory_order_acq_rel));
  invoke_(body_, next_of(ticket), thread);
  done_.fetch_add(1, std::memory_order_release);
  return true;
}

void ThreadPool::run(std::uint32_t count, const void* body, Invoke invoke) {
  body_ = body;
  invoke_ = invoke;
  done_.store(0, std::memory_order_relaxed);
  ticket_.store(static_cast<std::uint64_t>(count) << 32);
  // Either this sees the sleeper, or the sleeper, which counts itself first, sees the ticket.
  if (sleeping_.load() > 0) {
    ++wake_;
    wake_.notify_all();
  }
  while (do_one(0)) {
  }
  for (int looks = 0; done_.load(std::memory_order_acquire) != count; ++looks) {
    looks < kPatience ? pause() : std::this_thread::yield();
  }
}

void ThreadPool::work(int thread) {
  int idle = 0;
  while (!stop_.load(std::memory_order_relaxed)) {
    if (do_one(thread)) {
      idle = 0;
    } else if (++idle < kSpins) {
      pause();
    } else {
      const std::uint32_t seen = wake_.load();
      ++sleeping_;
      const std::uint64_t ticket = ticket_.load();
      if (next_of(ticket) >= count_of(ticket) && !stop_) wake_.wait(seen);
      --sleeping_;
      idle = 0;
    }
  }
}

}  // namespace xpuq::cpu
