// What xpuq-opt does to a graph: passes by name, or all of them up to a phase.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/option_table.h"
#include "ir/graph.h"
#include "passes/pass.h"
#include "profile/profile.h"
#include "quantize/recipe.h"
#include "xpuq/result.h"

namespace xpuq::cli {

/// The range that quantization passes take for a value: a whole profile in one line of a golden test.
struct NamedRange {
  std::string value;  ///< empty: every value
  float lo = 0, hi = 0;
};

struct PassScript {
  std::vector<const Pass*> passes;  ///< in the order given
  std::optional<Phase> stop_after;  ///< instead: the pipeline up to here
  std::vector<NamedRange> ranges;
  ChannelRanges channel_ranges;     ///< of equalize-channels
  Recipe recipe;
  bool split_conv_transpose = false;
  bool bf16 = false;                ///< float values travel in bf16
};

void declare_script_options(OptionTable& table);
/// E203 an unknown pass, with near names; E205 --pass with --stop-after.
Result<PassScript> read_script(const Arguments& arguments);

/// Runs it; the graph is verified after every pass. Notes of the passes are added to `notes`. Errors are those of the
/// passes; E205 when one of them needs ranges and there are none; E100, a bug, when the graph is broken afterwards.
Result<void> run_script(const PassScript& script, Graph& graph, std::vector<std::string>& notes);

}  // namespace xpuq::cli
