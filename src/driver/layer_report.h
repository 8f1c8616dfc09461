// The quantization report: what each weighted layer became, and why one is float (cli.md 4.1).
#pragma once

#include <vector>

#include "driver/compile.h"
#include "ir/graph.h"
#include "profile/profile.h"

namespace xpuq {

/// Multiply-adds of a node for one inference; 0 for anything but conv, conv_transpose, linear, matmul.
std::uint64_t multiply_adds(const Graph& graph, NodeId n);

/// Rows of the weighted layers of the final graph, in execution order. `wanted` comes from the recipe's annotation of
/// the normalized graph with and without the filters of the command line; null recipe: a float compilation. `profile`
/// may be null.
std::vector<LayerReport> report_layers(const Graph& normalized, const Graph& final_graph, const Recipe* recipe, const Profile* profile);

/// What a person who compares with PyTorch should know about a normalized graph: modules that are called several times,
/// on which a non-strict export makes PyTorch's quantizer stop.
std::vector<std::string> reuse_notes(const Graph& normalized);

Coverage coverage(const std::vector<LayerReport>& layers, const FlowReport& flow);

}  // namespace xpuq
