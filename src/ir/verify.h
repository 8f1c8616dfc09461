// The graph verifier: what must always hold, checked after every pass. A violation is a bug of the last pass.
#pragma once

#include <string>

#include "ir/graph.h"

namespace xpuq {

/// The first broken invariant as a sentence, or an empty string: inputs are produced before use, uses and inputs agree,
/// names are unique and not empty, every node passes its schema, stored output types equal inferred ones.
std::string verify(const Graph& graph);

}  // namespace xpuq
