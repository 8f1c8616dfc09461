// The cache model against small cases that can be counted by hand.
#include "support/catch.h"
#include "xe/traffic.h"

using namespace xpuq::xe;

TEST_CASE("a cache keeps the lines used last", "[xe]") {
  Cache cache(4 * kCacheLine, 4);  // one set
  for (std::uint64_t line : {1, 2, 3, 4}) CHECK_FALSE(cache.touch(line, false).hit);
  CHECK(cache.touch(1, false).hit);
  CHECK_FALSE(cache.touch(5, false).hit);  // 2 leaves
  CHECK(cache.touch(1, false).hit);
  CHECK_FALSE(cache.touch(2, false).hit);
}

TEST_CASE("a dirty line is written back when it leaves", "[xe]") {
  Cache cache(2 * kCacheLine, 2);
  cache.touch(1, true);
  cache.touch(2, false);
  CHECK(cache.touch(3, false).evicted_dirty);        // 1
  CHECK_FALSE(cache.touch(4, false).evicted_dirty);  // 2
}

TEST_CASE("traffic: each level sees the misses of the one above", "[xe]") {
  Traffic traffic({.cores = 2, .l1_bytes = 64 * 1024, .l2_bytes = 1024 * 1024});
  traffic.begin_launch();
  traffic.begin_group(0);
  traffic.touch(0, 256, false);   // four lines, from memory
  traffic.touch(64, 4, false);    // in the first level
  CHECK(traffic.counts().l1_bytes == 5 * 64);
  CHECK(traffic.counts().l2_bytes == 4 * 64);
  CHECK(traffic.counts().dram_bytes == 4 * 64);
  traffic.begin_group(1);         // another core
  traffic.touch(0, 256, false);
  CHECK(traffic.counts().l2_bytes == 8 * 64);
  CHECK(traffic.counts().dram_bytes == 4 * 64);
  traffic.touch(4096, 128, true);  // written through to the second level, where it stays
  CHECK(traffic.counts().l2_bytes == 10 * 64);
  CHECK(traffic.counts().dram_bytes == 4 * 64);
  traffic.begin_launch();          // the first level is empty again, the second is not
  CHECK(traffic.counts().l1_bytes == 0);
  traffic.begin_group(0);
  traffic.touch(0, 256, false);
  CHECK(traffic.counts().l2_bytes == 4 * 64);
  CHECK(traffic.counts().dram_bytes == 0);
}

TEST_CASE("traffic: channels of a message that meet in a line take it once", "[xe]") {
  Traffic traffic({.cores = 1, .l1_bytes = 4096, .l2_bytes = 65536});
  traffic.begin_launch();
  traffic.begin_group(0);
  for (std::uint64_t c = 0; c < 16; ++c) traffic.touch(1000 + 4 * c, 4, false);
  CHECK(traffic.counts().l1_bytes == 2 * 64);  // 960..1023 and 1024..1087
}

TEST_CASE("traffic: what exceeds the second level comes from memory again", "[xe]") {
  Traffic traffic({.cores = 1, .l1_bytes = 1024, .l2_bytes = 16384});
  traffic.begin_launch();
  traffic.begin_group(0);
  for (int pass = 0; pass < 2; ++pass)
    for (std::uint64_t a = 0; a < 65536; a += 64) traffic.touch(a, 64, pass == 0);
  // Written: 64 KiB, of which 48 had to leave for memory; read: all of it, and the last 16 KiB of writes leave as well.
  CHECK(traffic.counts().dram_bytes == 65536 + 65536);
}
