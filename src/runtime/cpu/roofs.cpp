#include "runtime/cpu/roofs.h"

#include <chrono>
#include <cstring>

#include "runtime/cpu/aligned.h"
#include "runtime/cpu/isa.h"
#include "runtime/cpu/thread_pool.h"

#if XPUQ_X86
#include <immintrin.h>
#endif

namespace xpuq::cpu {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTurns = 5;
constexpr std::int64_t kRounds = 400'000;
constexpr std::size_t kBytes = std::size_t{48} << 20;  ///< of a thread: more than the caches hold

#if XPUQ_X86
// Twelve sums in flight hide the latency. Assembly, because a compiler would see that the products are the same.
constexpr std::int64_t kSums = 12;
#define XPUQ_TWELVE(line) line(0) line(1) line(2) line(3) line(4) line(5) line(6) line(7) line(8) line(9) line(10) line(11)
#define XPUQ_CLOBBERS "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "cc"

void products_avx2() {
#define XPUQ_LINE(n) "vpmaddwd %%ymm13, %%ymm14, %%ymm12\n\tvpaddd %%ymm12, %%ymm" #n ", %%ymm" #n "\n\t"
  std::int64_t rounds = kRounds;
  asm volatile("1:\n\t" XPUQ_TWELVE(XPUQ_LINE) "dec %0\n\tjnz 1b" : "+r"(rounds) : : XPUQ_CLOBBERS);
#undef XPUQ_LINE
}
void products_avx_vnni() {
#define XPUQ_LINE(n) "%{vex%} vpdpbusd %%ymm13, %%ymm14, %%ymm" #n "\n\t"
  std::int64_t rounds = kRounds;
  asm volatile("1:\n\t" XPUQ_TWELVE(XPUQ_LINE) "dec %0\n\tjnz 1b" : "+r"(rounds) : : XPUQ_CLOBBERS);
#undef XPUQ_LINE
}
void products_avx512_vnni() {
#define XPUQ_LINE(n) "vpdpbusd %%zmm13, %%zmm14, %%zmm" #n "\n\t"
  std::int64_t rounds = kRounds;
  asm volatile("1:\n\t" XPUQ_TWELVE(XPUQ_LINE) "dec %0\n\tjnz 1b" : "+r"(rounds) : : XPUQ_CLOBBERS);
#undef XPUQ_LINE
}
#undef XPUQ_TWELVE
#undef XPUQ_CLOBBERS
#endif

struct Products {
  void (*run)() = nullptr;
  std::int64_t multiply_adds = 0;  ///< of one call
};

Products fastest_products() {
#if XPUQ_X86
  if (has_avx512_vnni()) return {products_avx512_vnni, kRounds * kSums * 64};
  if (has_avx_vnni()) return {products_avx_vnni, kRounds * kSums * 32};
  if (has_avx2()) return {products_avx2, kRounds * kSums * 16};
#endif
  return {};
}

std::uint64_t sum_words(const std::byte* at, std::size_t bytes) {
  std::uint64_t sums[8] = {};
  for (std::size_t i = 0; i < bytes; i += sizeof sums) {
    std::uint64_t words[8];
    std::memcpy(words, at + i, sizeof words);
    for (int k = 0; k < 8; ++k) sums[k] += words[k];
  }
  return sums[0] + sums[1] + sums[2] + sums[3] + sums[4] + sums[5] + sums[6] + sums[7];
}

/// The least seconds of several turns of `body` on all threads at once.
template <class Body>
double least_seconds(ThreadPool& pool, const Body& body) {
  double least = 1e9;
  for (int turn = 0; turn < kTurns; ++turn) {
    const Clock::time_point begin = Clock::now();
    pool.run(pool.threads(), body);
    least = std::min(least, std::chrono::duration<double>(Clock::now() - begin).count());
  }
  return least;
}

}  // namespace

Roofs measure_roofs(int threads) {
  ThreadPool pool(threads);
  const double parts = pool.threads();
  Roofs roofs;
  if (const Products products = fastest_products(); products.run != nullptr) {
    const double seconds = least_seconds(pool, [&](std::int64_t, int) { products.run(); });
    roofs.operations = 2 * parts * static_cast<double>(products.multiply_adds) / seconds;
  }
  const AlignedVector<std::byte> memory(kBytes * static_cast<std::size_t>(pool.threads()));
  std::atomic<std::uint64_t> sum = 0;  // so that the reads are not left out
  const double seconds = least_seconds(pool, [&](std::int64_t part, int) { sum += sum_words(memory.data() + part * kBytes, kBytes); });
  roofs.bytes = parts * static_cast<double>(kBytes) / seconds;
  return roofs;
}

}  // namespace xpuq::cpu
