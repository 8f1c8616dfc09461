// Identity of a model: what binds a profile to the graph it was measured on.
#pragma once

#include <string>

#include "ir/graph.h"

namespace xpuq {

struct GraphHash {
  std::string graph;    ///< SHA-256 over operators, attributes, topology and shapes; blind to names, order and origin
  std::string weights;  ///< the same with the contents of the constants
  bool operator==(const GraphHash&) const = default;
};

/// Merkle hash from inputs to outputs. Float attributes count by their binary32 value, since exporters differ in
/// whether they store 1e-5 as binary32 or binary64. Dead nodes do not count.
GraphHash hash_graph(const Graph& graph);

}  // namespace xpuq
