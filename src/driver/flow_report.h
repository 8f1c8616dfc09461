// Everything that a plan executes, for the report's graph.
#pragma once

#include "driver/report.h"
#include "ir/graph.h"

namespace xpuq {

/// Steps in execution order. A step is int8 when it reads or writes quantized values, a conversion when it is a quantize
/// or dequantize, floating otherwise.
FlowReport report_flow(const Graph& final_graph);

}  // namespace xpuq
