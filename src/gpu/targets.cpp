#include "gpu/targets.h"

#include <algorithm>

#include "support/text.h"

namespace xpuq::gpu {
namespace {

constexpr std::uint32_t ip(std::uint32_t architecture, std::uint32_t release, std::uint32_t revision) {
  return (architecture << 22) | (release << 14) | revision;
}

constexpr Target kTargets[] = {
    {"a770", "dg2", "Arc A770", "56a0", "8x4x16", 0},
    {"a750", "dg2", "Arc A750", "56a1", "7x4x16", 0},
    {"a580", "dg2", "Arc A580", "56a2", "6x4x16", 0},
    {"a380", "dg2", "Arc A380", "56a5", "2x4x16", 0},
    {"b580", "bmg", "Arc B580", "e20b", "5x4x8", ip(20, 1, 4)},
    {"max1100", "pvc", "Data Center GPU Max 1100", "bda", "7x8x8", 0},
    {"meteor-lake", "mtl", "Arc graphics of Core Ultra 100H", "7d55", "2x4x16", 0},
    {"arrow-lake-h", "arl-h", "Arc graphics of Core Ultra 200H", "7d51", "2x4x16", 0},
    {"arc-140v", "lnl", "Arc 140V of Core Ultra 200V", "64a0", "2x4x8", 0},
    {"panther-lake", "ptl", "Arc graphics of Core Ultra 300", "b080", "3x4x8", 0},
};

}  // namespace

std::span<const Target> all_targets() { return kTargets; }

std::vector<std::string> target_names() {
  std::vector<std::string> names;
  for (const Target& t : kTargets) {
    if (std::find(names.begin(), names.end(), t.family) == names.end()) names.emplace_back(t.family);
  }
  for (const Target& t : kTargets) names.emplace_back(t.name);
  return names;
}

Result<Target> find_target(const std::string& name) {
  for (const Target& t : kTargets)
    if (t.name == name || t.family == name) return t;
  return make_error("E203", "--target", "unknown target '" + name + "'", {}, "any, " + join(target_names(), ", "));
}

}  // namespace xpuq::gpu
