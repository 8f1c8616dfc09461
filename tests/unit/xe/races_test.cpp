#include "catch.h"

#include "xe/races.h"

using namespace xpuq::xe;

namespace {

constexpr std::uint32_t kStep = 7;

/// A message of a thread with one access of 4 bytes; whether it ends a race.
bool local(Races& r, int thread, bool write, std::uint64_t at = 0, bool atomic = false) {
  r.start_message(thread, kStep, atomic);
  return r.touch_local(at, 4, write).has_value();
}
bool global(Races& r, bool write, std::uint64_t at = 1000, bool atomic = false) {
  r.start_message(0, kStep, atomic);
  return r.touch_global(at, 4, write).has_value();
}
void meet(Races& r, int threads, int barrier = 0) {
  for (int t = 0; t < threads; ++t) r.signal(t, barrier, true, t + 1 == threads);
  for (int t = 0; t < threads; ++t) r.pass(t, barrier);
}

}  // namespace

TEST_CASE("threads of a group need a barrier between a write and another access") {
  Races r({});
  r.start_group(0, 3, 64);
  CHECK_FALSE(local(r, 0, true));
  CHECK_FALSE(local(r, 0, false));         // its own
  CHECK_FALSE(local(r, 1, true, 4));       // another place
  CHECK(local(r, 1, false, 2));            // two bytes of it
  CHECK(local(r, 2, true));
  meet(r, 3);
  CHECK_FALSE(local(r, 1, false));
  CHECK_FALSE(local(r, 2, false));         // readers do not disturb each other
  CHECK(local(r, 0, true));                // but whoever writes disturbs both
  meet(r, 3);
  CHECK_FALSE(local(r, 0, true));
  // Atomics order themselves; a plain write among them does not.
  CHECK_FALSE(local(r, 0, true, 32, true));
  CHECK_FALSE(local(r, 1, true, 32, true));
  CHECK_FALSE(local(r, 2, false, 32));
  CHECK(local(r, 2, true, 32));
  // A new group has new memory.
  r.start_group(1, 3, 64);
  CHECK_FALSE(local(r, 2, true));
}

TEST_CASE("a race names the other message") {
  Races r({});
  r.start_group(0, 2, 64);
  r.start_message(1, 12, false);
  CHECK_FALSE(r.touch_local(10, 8, false));
  r.start_message(0, 30, false);
  const auto race = r.touch_local(16, 8, true);
  REQUIRE(race);
  CHECK(race->address == 16);
  CHECK(race->other.thread == 1);
  CHECK(race->other.step == 12);
  CHECK_FALSE(race->other_writes);
}

TEST_CASE("named barriers order those who took part, producers before consumers") {
  Races r({});
  r.start_group(0, 4, 64);
  CHECK_FALSE(local(r, 0, true));
  CHECK_FALSE(local(r, 2, true, 16));
  // Threads 0 and 1 meet at barrier 1, 2 and 3 at barrier 2.
  r.signal(0, 1, true, false);
  r.signal(2, 2, true, false);
  r.signal(1, 1, true, true);
  r.signal(3, 2, true, true);
  for (int t : {0, 1}) r.pass(t, 1);
  for (int t : {2, 3}) r.pass(t, 2);
  CHECK_FALSE(local(r, 1, false));
  CHECK_FALSE(local(r, 3, false, 16));
  CHECK(local(r, 3, false));
  CHECK(local(r, 1, false, 16));
  // Thread 1 only consumes: thread 0 may not rely on what it did.
  CHECK_FALSE(local(r, 1, true, 32));
  r.signal(0, 3, true, false);
  r.signal(1, 3, false, true);
  r.pass(0, 3);
  CHECK(local(r, 0, false, 32));
}

TEST_CASE("groups of a launch share nothing but what atomics hand over") {
  Races r({{1000, 1100}, {1096, 1200}, {5000, 5004}});
  r.start_group(0, 1, 0);
  CHECK_FALSE(global(r, true));
  CHECK_FALSE(global(r, false, 1100));
  CHECK_FALSE(global(r, true, 3000));             // nobody's buffer
  CHECK_FALSE(global(r, true, 5000, true));       // a counter
  r.start_group(1, 1, 0);
  CHECK_FALSE(global(r, false, 1100));
  CHECK(global(r, true, 1100));                   // group 0 reads it
  CHECK(global(r, false, 1002));
  CHECK_FALSE(global(r, true, 3000));
  CHECK_FALSE(global(r, true, 5000, true));       // group 1 counts, too: now it comes after group 0
  CHECK_FALSE(global(r, false, 1000));
  CHECK_FALSE(global(r, true, 1000));
  CHECK_FALSE(global(r, true, 5000));             // and sets the counter back
  r.start_group(2, 1, 0);
  CHECK(global(r, false, 1000));
  CHECK_FALSE(global(r, false, 5000));            // a flag that it waits for
  CHECK_FALSE(global(r, true, 1000));
  r.start_group(3, 1, 0);
  CHECK(global(r, true, 1000));
}
