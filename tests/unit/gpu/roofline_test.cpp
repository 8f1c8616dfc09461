// Predicted times of launches that only one thing can limit.
#include "runtime/emulated/roofline.h"
#include "support/catch.h"

using namespace xpuq;

namespace {

const gpu::Target& a770() {
  static const gpu::Target target = *gpu::find_target("a770");
  return target;
}

PredictedTime time_of(const LaunchWork& work) { return predict(work, a770().key, part_rates(a770())); }

std::uint64_t& cycles(LaunchWork& work, xe::Pipe pipe) { return work.engines.cycles[static_cast<std::size_t>(pipe)]; }

/// 32 cores with 8 groups each, of 16 threads.
LaunchWork full() {
  LaunchWork work;
  work.groups = 256;
  work.threads_per_group = 16;
  return work;
}

constexpr double kGap = 4e-6;

}  // namespace

TEST_CASE("every part has rates", "[gpu]") {
  for (const gpu::Target& t : gpu::all_targets()) {
    const PartRates r = part_rates(t);
    CHECK(r.clock_hz > 1e9);
    CHECK(r.dram_bytes_per_second > 1e11);
    CHECK(r.l2_bytes > r.l1_bytes);
  }
}

TEST_CASE("a launch that does nothing costs the gap", "[gpu]") {
  const PredictedTime t = time_of(full());
  CHECK(t.bound == Bound::launch);
  CHECK(t.seconds == Approx(kGap));
}

TEST_CASE("busy matrix engines", "[gpu]") {
  LaunchWork work = full();
  cycles(work, xe::Pipe::systolic) = std::uint64_t{512} * 2100 * 1000;  // a millisecond of all 512
  const PredictedTime t = time_of(work);
  CHECK(t.bound == Bound::systolic);
  CHECK(t.seconds == Approx(1e-3 + kGap));
}

TEST_CASE("the core with the most groups ends last", "[gpu]") {
  LaunchWork work = full();
  work.groups = 33;  // two on one core, one on the others
  work.threads_per_group = 64;
  cycles(work, xe::Pipe::floating) = std::uint64_t{33} * 16 * 2100 * 1000;
  CHECK(time_of(work).seconds == Approx(2e-3 + kGap));
}

TEST_CASE("few threads leave engines idle", "[gpu]") {
  LaunchWork work = full();
  work.groups = 1;
  work.threads_per_group = 4;  // on 4 of 16 engines of one core
  cycles(work, xe::Pipe::floating) = std::uint64_t{4} * 2100 * 1000;
  CHECK(time_of(work).seconds == Approx(1e-3 + kGap));
}

TEST_CASE("memory", "[gpu]") {
  LaunchWork work = full();
  work.traffic = {.l1_bytes = 560'000'000, .l2_bytes = 560'000'000, .dram_bytes = 560'000'000};
  const PredictedTime t = time_of(work);
  CHECK(t.bound == Bound::dram);
  CHECK(t.seconds == Approx(1e-3 + kGap));
}

TEST_CASE("a thread that waits for its loads", "[gpu]") {
  LaunchWork work = full();
  work.groups = 32;
  work.threads_per_group = 1;
  work.engines.loads = 32 * 4000;  // 4000 a thread, 4 on their way together, 130 cycles each
  const PredictedTime t = time_of(work);
  CHECK(t.bound == Bound::latency);
  CHECK(t.seconds == Approx(1000 * 130 / 2.1e9 + kGap));
}

TEST_CASE("local memory limits how many groups are there together", "[gpu]") {
  LaunchWork work = full();
  work.threads_per_group = 1;
  work.groups = 64;                     // two a core
  work.engines.loads = 64 * 4000;
  const double together = time_of(work).seconds;
  work.local_per_group = 100 * 1024;    // of 192 KiB: one at a time
  CHECK(time_of(work).seconds - kGap == Approx(2 * (together - kGap)));
}
