// leak_check ARTIFACT [RUNS] [OPENS]: what is still allocated, and resident, after a tenth of RUNS inferences (1000) and
// after all of them, and after a tenth of OPENS times (100) open, run, close. Exit 1 when it grew.
// With a sanitizer's allocator the figures stay 0, and its own leak check looks.
#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "xpuq/xpuq.h"

namespace {

/// What an allocator and a page table may differ by when nothing leaks: a leak of 128 bytes an inference is more.
constexpr long kMostGrowth = 64 << 10;

struct Memory {
  long allocated;  ///< bytes, of all arenas
  long resident;   ///< bytes
};

Memory now() {
  long pages = 0, resident = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%ld %ld", &pages, &resident) != 2) resident = 0;
    std::fclose(file);
  }
  const auto heap = mallinfo2();
  return {static_cast<long>(heap.uordblks + heap.hblkhd), resident * 4096};
}

void need(xpuq_status status) {
  if (status == XPUQ_OK) return;
  std::fprintf(stderr, "%s\n", xpuq_last_error());
  std::exit(2);
}

class Session {
 public:
  explicit Session(const char* artifact) {
    need(xpuq_open(artifact, nullptr, &executor_));
    in_.resize(xpuq_input(executor_, 0)->bytes);
    out_.resize(xpuq_output(executor_, 0)->bytes);
    need(xpuq_bind_input(executor_, 0, in_.data(), in_.size()));
    need(xpuq_bind_output(executor_, 0, out_.data(), out_.size()));
  }
  ~Session() { xpuq_close(executor_); }
  Session(const Session&) = delete;
  void run() { need(xpuq_run(executor_)); }

 private:
  xpuq_executor* executor_ = nullptr;
  std::vector<char> in_, out_;
};

/// Whether memory stays as it is between a tenth of the turns and all.
template <class Turn>
bool is_steady(const char* name, long turns, Turn turn) {
  for (long i = 0; i < turns / 10; ++i) turn();
  const Memory early = now();
  for (long i = turns / 10; i < turns; ++i) turn();
  const Memory late = now();
  std::printf("%s: after %ld %ld bytes allocated, %ld resident; after %ld %ld and %ld\n", name, turns / 10, early.allocated,
              early.resident, turns, late.allocated, late.resident);
  return late.allocated - early.allocated <= kMostGrowth;
}

long count(int argc, char** argv, int at, long otherwise) { return argc > at ? std::atol(argv[at]) : otherwise; }

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: leak_check ARTIFACT [RUNS] [OPENS]\n"), 2;
  bool steady = true;
  {
    Session session(argv[1]);
    steady &= is_steady("inferences", count(argc, argv, 2, 1000), [&] { session.run(); });
  }
  steady &= is_steady("open, run, close", count(argc, argv, 3, 100), [&] { Session(argv[1]).run(); });
  return steady ? 0 : 1;
}
