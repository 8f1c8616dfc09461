// Memory planning: gives every arena value an offset so that values alive together never overlap.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/plan.h"

namespace xpuq {

inline std::uint64_t align_up(std::uint64_t bytes) { return (bytes + kPlanAlignment - 1) / kPlanAlignment * kPlanAlignment; }

/// First and last step in which the bytes of a value matter.
struct Lifetime {
  std::size_t first = 0;
  std::size_t last = 0;
};

/// Lifetimes of arena values from the steps alone; `kept[v]` (or an empty vector) makes a value live to the end.
std::vector<Lifetime> lifetimes(const Plan& plan, const std::vector<bool>& kept);

/// A piece of memory that is needed for some time.
struct MemoryBlock {
  std::uint64_t bytes = 0;  ///< a multiple of the wanted alignment
  Lifetime life;
  std::uint64_t offset = 0;
};

/// Gives every block an offset so that blocks alive together never overlap; returns the bytes of the whole. Greedy by
/// size, first fit (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020, algorithm 3).
std::uint64_t place_blocks(std::vector<MemoryBlock>& blocks);

/// Sets the offsets of all arena values and `arena_bytes` by place_blocks(); pairs declared in place share one
/// offset.
void plan_memory(Plan& plan, const std::vector<bool>& kept);

}  // namespace xpuq
