// Graph to plan: one node becomes one step, values get their place in memory.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/graph.h"
#include "plan/plan.h"
#include "xpuq/result.h"

namespace xpuq {

struct Lowered {
  Plan plan;
  /// Plan value of each observed value, by the `index` of its observe node. Observed values keep their memory to the
  /// end of a run, so that all observers can look at them then, on all cores.
  std::vector<std::uint32_t> observed;
};

/// The graph has gone through the layout phase. Every operation of the vocabulary can be lowered. `strip` drops names
/// and origins. Error E101 when the constants do not fit memory.
Result<Lowered> lower(const Graph& graph, bool strip = false);

}  // namespace xpuq
