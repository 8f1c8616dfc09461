// The compiler's road from an imported graph to a plan: one list of passes, and the loop that runs, verifies and dumps.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lower/lower.h"
#include "passes/pass.h"
#include "quantize/quantization.h"

namespace xpuq {

/// All passes in the order in which a full compilation runs them.
std::span<const Pass> passes();
/// "fold-batchnorm" -> the pass; null when there is none of that name.
const Pass* find_pass(std::string_view name);

/// What one pass did, for -vv and --json.
struct PassRecord {
  std::string name;
  std::size_t nodes_before, nodes_after;
  double milliseconds;
};

struct PipelineOptions {
  const Quantization* quantization = nullptr;       ///< null: stay in float
  bool bf16 = false;                                 ///< float edges travel in bf16
  bool fuse = true;                                  ///< --no-fusion: one primitive a node
  std::function<void(const Pass&, const Graph&)> after_pass;  ///< dumps; called after every pass
};

struct PipelineRecord {
  std::vector<PassRecord> passes;
  std::vector<std::string> notes;
};

/// Runs the passes of phases `first` to `last` until each phase stands still. The verifier runs after every pass; what
/// it finds is a bug and ends the process with the pass named and the graph printed.
Result<void> run_phases(Graph& graph, Phase first, Phase last, const PipelineOptions& options, PipelineRecord& record);

/// The three roads through it. `graph` is normalized.
/// A float plan that observes what calibration needs:
Result<Lowered> build_observed(const Graph& normalized, PipelineRecord& record);
/// The plan of an artifact: int8 when `options.quantization` is set, float otherwise. `final_graph` may be null.
Result<Lowered> build_plan(const Graph& normalized, const PipelineOptions& options, bool strip, PipelineRecord& record, Graph* final_graph);

}  // namespace xpuq
