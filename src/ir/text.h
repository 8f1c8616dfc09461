// The text form of a graph: printed at every --dump-graph, parsed by xpuq-opt and the golden tests.
//
//   graph (%x: f32[1,3,8,8]) {
//     %w = const f32[4,3,3,3] uniform(7, -0.5, 0.5)
//     %y = conv(%x, %w) {groups=1, ...} : f32[1,4,6,6]  "layer1.conv"
//     return %y
//   }
//
// Types: f32[1,4]; s8[1,4]<0.5:3> is quantized per tensor (scale:zero point), s8[2,4]<axis 0: 0.5, 0.25> per channel;
// a trailing `channels_last` is the layout. Constants of at most 16 elements are written out; larger ones print as
// `#` with the start of their SHA-256, which the parser refuses. A test writes `uniform(seed, lo, hi)` or `splat(v)`.
#pragma once

#include <string>
#include <string_view>

#include "ir/graph.h"
#include "xpuq/result.h"

namespace xpuq {

std::string to_text(const TensorType& type);
std::string to_text(const Graph& graph);
/// Graphviz form, one box a node.
std::string to_dot(const Graph& graph);

/// Errors (E305) name the line and what was expected there.
Result<Graph> parse_graph(std::string_view text, const std::string& who);

}  // namespace xpuq
