// What calibration measures: every value that some recipe may quantize, and every group of values that share an
// observer. Kept apart from a recipe's own choice, so that layers can be excluded and schemes changed later without
// a second calibration.
#pragma once

#include <string>
#include <vector>

#include "ir/graph.h"

namespace xpuq {

struct ObservationPlan {
  std::vector<ValueId> values;                      ///< observed one by one, in execution order
  std::vector<std::vector<std::uint32_t>> groups;   ///< indices into `values`, in update order; only groups of several
};

/// The union of what both recipe families would observe on a normalized graph, with and without the operators that are
/// quantized only on request, and whichever layers are kept in float.
ObservationPlan plan_observation(const Graph& graph);

/// Names of a group's values in update order: the key under which a profile keeps its statistics.
std::vector<std::string> member_names(const Graph& graph, const std::vector<ValueId>& members);

}  // namespace xpuq
