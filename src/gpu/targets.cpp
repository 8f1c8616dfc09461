#include "gpu/targets.h"

#include <algorithm>

#include "support/text.h"

namespace xpuq::gpu {
namespace {

constexpr std::uint32_t ip(std::uint32_t architecture, std::uint32_t release, std::uint32_t revision) {
  return (architecture << 22) | (release << 14) | revision;
}

constexpr Target kTargets[] = {
    {"a770", "dg2", "Arc A770", "56a0", {ip(12, 55, 8), 8, 4, 16, 8}},
    {"a750", "dg2", "Arc A750", "56a1", {ip(12, 55, 8), 7, 4, 16, 8}},
    {"a580", "dg2", "Arc A580", "56a2", {ip(12, 55, 8), 6, 4, 16, 8}},
    {"a380", "dg2", "Arc A380", "56a5", {ip(12, 56, 5), 2, 4, 16, 8}, true},
    {"b580", "bmg", "Arc B580", "e20b", {ip(20, 1, 4), 5, 4, 8, 8}, true},
    {"max1100", "pvc", "Data Center GPU Max 1100", "bda", {ip(12, 60, 7), 7, 8, 8, 8}},
    {"meteor-lake", "mtl", "Arc graphics of Core Ultra 100H", "7d55", {ip(12, 70, 4), 2, 4, 16, 8}},
    {"arrow-lake-h", "arl-h", "Arc graphics of Core Ultra 200H", "7d51", {ip(12, 74, 4), 2, 4, 16, 8}},
    {"arc-140v", "lnl", "Arc 140V of Core Ultra 200V", "64a0", {ip(20, 4, 4), 2, 4, 8, 8}},
    {"panther-lake", "ptl", "Arc graphics of Core Ultra 300", "b080", {ip(30, 0, 4), 3, 4, 8, 10}},
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
