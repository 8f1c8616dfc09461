// The parts of the HTML report that are drawn from the result.
#pragma once

#include <string>

#include "driver/compile.h"

namespace xpuq::cli {

/// A word on a coloured ground whose border tells it without colour, too: "int8", "float", "conversion".
std::string badge(Arithmetic arithmetic);

/// The whole network as one strip, and every step with what flows into it: two SVGs, a row a step.
std::string flow_strip(const CompileResult& result);
std::string flow_graph(const CompileResult& result);

/// What was observed of an activation, its clipped ends marked, and its numbers below.
std::string histogram_figure(const std::string& title, const ActivationReport& activation);

/// A tbody a layer, worst first: the row, and the row of its details.
std::string layer_table(const CompileResult& result);

}  // namespace xpuq::cli
