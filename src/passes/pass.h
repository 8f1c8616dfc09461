// What a pass is: a function of a graph and a context, without state, clock, environment or files.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ir/graph.h"
#include "ir/rewriter.h"
#include "xpuq/result.h"

namespace xpuq {

/// The stages of compilation, in order; --stop-after takes their names.
enum class Phase { import, normalize, prepare, convert, fuse, layout, lower, plan, emit };
std::string_view to_string(Phase phase);
std::optional<Phase> parse_phase(std::string_view name);

struct Quantization;  // quantize/quantization.h

/// Least and largest element of a channel, 0 included.
struct ChannelRange {
  float lo = 0, hi = 0;
};
/// Of every channel (axis 1) of the values that were measured, by name.
using ChannelRanges = std::map<std::string, std::vector<ChannelRange>>;

struct PassContext {
  const Quantization* quantization = nullptr;  ///< recipe and measured ranges; set for prepare and convert
  const ChannelRanges* channel_ranges = nullptr;  ///< set when channels are to be equalized
  bool split_conv_transpose = false;           ///< transposed convolutions are to be int8
  bool bf16 = false;                           ///< float edges travel in bf16
  std::vector<std::string>* notes = nullptr;   ///< decisions worth telling; may be null

  void note(std::string text) const {
    if (notes) notes->push_back(std::move(text));
  }
};

/// "No match" is success with Change::none. Matches completely before it edits; a second run changes nothing.
using PassFn = Result<Change> (*)(Graph&, const PassContext&);

struct Pass {
  std::string_view name;  ///< "fold-batchnorm"
  Phase phase;
  std::string_view summary;
  PassFn run;
};

#define XPUQ_PASS(function, phase, summary) Result<Change> function(Graph& graph, const PassContext& context);
#include "passes/passes.def"
#undef XPUQ_PASS

}  // namespace xpuq
