#include "cli/node_list.h"

#include "driver/importers.h"
#include "support/text.h"

namespace xpuq::cli {

Result<void> list_nodes(Invocation& invocation, const std::string& model, const ImportOptions& options) {
  XPUQ_ASSIGN(const LoadedModel loaded, load_model(model, options));
  const Graph& graph = loaded.imported.graph;
  std::vector<std::string> names;
  // The first origin is the node itself; the others were folded into it.
  for (NodeId n : graph.order()) names.push_back(graph.node(n).origin.empty() ? graph.output_of(n).name : graph.node(n).origin[0]);
  invocation.result()["nodes"] = names;
  invocation.print(join(names, "\n"));
  return {};
}

}  // namespace xpuq::cli
