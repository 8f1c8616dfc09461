// Weights that no inference can use.
#pragma once

#include <string>

#include "ir/graph.h"
#include "xpuq/result.h"

namespace xpuq {

/// E308 when weights or biases of convolutions, linear layers and norms hold NaN or infinity: all of them in one
/// message, each with its node. Other constants may: a mask of -inf is usual.
Result<void> check_weights(const Graph& graph, const std::string& who);

}  // namespace xpuq
