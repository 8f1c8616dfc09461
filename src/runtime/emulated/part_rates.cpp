#include "runtime/emulated/part_rates.h"

#include "support/check.h"

namespace xpuq {
namespace {

constexpr std::uint64_t kKiB = 1024, kMiB = 1024 * kKiB;

struct Row {
  std::string_view name;
  double megahertz, gigabytes_per_second;
  std::uint64_t l1, l2;
  double l1_bytes_per_cycle;
};

constexpr Row kRows[] = {
    {"a770", 2100, 560, 192 * kKiB, 16 * kMiB, 128},        {"a750", 2050, 512, 192 * kKiB, 16 * kMiB, 128},
    {"a580", 1700, 512, 192 * kKiB, 8 * kMiB, 128},         {"a380", 2000, 186, 192 * kKiB, 4 * kMiB, 128},
    {"b580", 2670, 456, 256 * kKiB, 18 * kMiB, 128},        {"max1100", 1550, 1229, 512 * kKiB, 108 * kMiB, 512},
    {"meteor-lake", 2250, 120, 192 * kKiB, 4 * kMiB, 128},  {"arrow-lake-h", 2350, 134, 192 * kKiB, 4 * kMiB, 128},
    {"arc-140v", 2050, 136.5, 192 * kKiB, 8 * kMiB, 128},   {"panther-lake", 2500, 153.6, 256 * kKiB, 16 * kMiB, 128},
};

}  // namespace

PartRates part_rates(const gpu::Target& target) {
  for (const Row& r : kRows) {
    if (r.name != target.name) continue;
    PartRates rates;
    rates.clock_hz = r.megahertz * 1e6;
    rates.dram_bytes_per_second = r.gigabytes_per_second * 1e9;
    rates.l1_bytes = r.l1;
    rates.l2_bytes = r.l2;
    rates.l1_bytes_per_cycle = r.l1_bytes_per_cycle;
    return rates;
  }
  XPUQ_CHECK(false, "every target has its rates");
  return {};
}

}  // namespace xpuq
