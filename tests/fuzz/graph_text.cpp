// The text form of a graph: what is accepted is a sound graph that can be printed.
#include "ir/text.h"
#include "ir/verify.h"
#include "target.h"

XPUQ_FUZZ_TARGET(graph_text) {
  const auto graph = xpuq::parse_graph(xpuq::fuzz::text_of(bytes), "x.xir");
  if (!graph.ok()) return;
  xpuq::fuzz::require_sound(xpuq::verify(*graph));
  xpuq::to_text(*graph);
}
