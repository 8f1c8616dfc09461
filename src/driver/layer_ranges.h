// The numbers of the quantization report that come from the profile and the plan: scales, ranges, histograms.
#pragma once

#include <vector>

#include "driver/report.h"
#include "ir/graph.h"
#include "profile/profile.h"

namespace xpuq {

/// Fills source, destination and weights of rows that report_layers made from the same graph. What was not observed
/// stays empty; `profile` may be null.
void add_ranges(std::vector<LayerReport>& layers, const Graph& final_graph, const Profile* profile);

}  // namespace xpuq
