#include "pipeline/pipeline.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "ir/text.h"
#include "ir/verify.h"
#include "plan/verify.h"
#include "support/check.h"

namespace xpuq {
namespace {

enum class Name {
#define XPUQ_PASS(function, phase, summary) function,
#include "passes/passes.def"
#undef XPUQ_PASS
  count
};

std::string dashed(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

struct Table {
  std::array<std::string, static_cast<std::size_t>(Name::count)> names{
#define XPUQ_PASS(function, phase, summary) dashed(#function),
#include "passes/passes.def"
#undef XPUQ_PASS
  };
  std::array<Pass, static_cast<std::size_t>(Name::count)> by_name{{
#define XPUQ_PASS(function, phase, summary) {names[static_cast<std::size_t>(Name::function)], Phase::phase, summary, &xpuq::function},
#include "passes/passes.def"
#undef XPUQ_PASS
  }};

  /// The order of a compilation, with the reason for each place.
  std::vector<Pass> ordered;

  Table() {
    const auto then = [&](Name n) { ordered.push_back(by_name[static_cast<std::size_t>(n)]); };
    // Constants first: a folded operand is what the recognizers below match on.
    then(Name::fold_constants);
    // Identities between the parts of a pattern would hide it (exporters multiply by 1, or reshape to the same shape).
    then(Name::eliminate_identities);
    // One operand order and scalar constants, so that each recognizer states its pattern once.
    then(Name::canonicalize_operands);
    // Before linear: both contain a product, and layer norm's affine part must not be taken for a bias.
    then(Name::recognize_layer_norm);
    then(Name::recognize_activations);
    // After canonicalize (the bias comes second); before batch norm, which folds into a linear with its bias.
    then(Name::recognize_linear);
    // Last rewrite of weights, and before any observer: ranges are those of the folded network.
    then(Name::fold_batchnorm);
    then(Name::eliminate_dead_nodes);
    // Before the observers: ranges are those of the equalized network. Does nothing unless channel ranges are given.
    then(Name::equalize_channels);
    then(Name::insert_observers);
    // The convolution that it leaves is annotated like any other.
    then(Name::split_conv_transpose);
    then(Name::convert_quantize);
    // The quantizer was the last one to see them: the reference passes no int8 through a dropout, and observes behind
    // a concat of one.
    then(Name::eliminate_no_ops);
    // Before the fusions: a quantize above a pool or concat is one that a convolution can take in.
    then(Name::hoist_quantize);
    then(Name::fuse_weighted);
    // Once the convolution reads codes, a pad of codes is padding like any other.
    then(Name::fuse_pad);
    // Pools and concat first release the quantize nodes between equal parameters, then post-ops take the rest.
    then(Name::fuse_pass_through);
    then(Name::fuse_post_ops);
    // What is left between a dequantize and a quantize after the post-ops took theirs.
    then(Name::fuse_lookup);
    // Once every fusion has been made: what is inside a fused operation stays f32.
    then(Name::narrow_to_bf16);
    then(Name::propagate_layout);
  }
};

const Table& table() {
  static const Table instance;
  return instance;
}

void check_graph(const Graph& graph, const Pass& pass) {
  const std::string broken = verify(graph);
  if (broken.empty()) return;
  std::fprintf(stderr, "%s\n", to_text(graph).c_str());
  check_failed(__FILE_NAME__, __LINE__, ("verify(graph) after " + std::string(pass.name)).c_str(), broken);
}

bool splits(const Quantization* quantization) {
  return quantization && names(quantization->recipe, OperatorType::conv_transpose);
}

}  // namespace

std::span<const Pass> passes() { return table().ordered; }

const Pass* find_pass(std::string_view name) {
  for (const Pass& pass : table().by_name)
    if (pass.name == name) return &pass;
  return nullptr;
}

Result<void> run_phases(Graph& graph, Phase first, Phase last, const PipelineOptions& options, PipelineRecord& record) {
  const PassContext context{.quantization = options.quantization, .split_conv_transpose = splits(options.quantization), .bf16 = options.bf16, .notes = &record.notes};
  for (auto phase = static_cast<int>(first); phase <= static_cast<int>(last); ++phase) {
    // Normalization and fusion feed themselves (a folded constant makes a pattern); the bound only guards against a bug.
    constexpr int kMostRounds = 16;
    for (int round = 0; round < kMostRounds; ++round) {
      bool changed = false;
      for (const Pass& pass : passes()) {
        if (static_cast<int>(pass.phase) != phase) continue;
        const std::size_t before = graph.order().size();
        const auto start = std::chrono::steady_clock::now();
        const auto change = pass.run(graph, context);
        if (!change) return change.error();
        const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
        check_graph(graph, pass);
        if (round == 0 || *change == Change::some)
          record.passes.push_back({std::string(pass.name), before, graph.order().size(), spent.count()});
        if (options.after_pass) options.after_pass(pass, graph);
        changed = changed || *change == Change::some;
      }
      const auto p = static_cast<Phase>(phase);
      if (!changed || (p != Phase::normalize && p != Phase::fuse)) break;
    }
  }
  return {};
}

Result<Lowered> build_observed(const Graph& normalized, PipelineRecord& record) {
  Graph graph = normalized.clone();
  PipelineOptions options;
  XPUQ_TRY(run_phases(graph, Phase::prepare, Phase::layout, options, record));
  return lower(graph, false);
}

Result<Lowered> build_plan(const Graph& normalized, const PipelineOptions& options, bool strip, PipelineRecord& record, Graph* final_graph) {
  Graph graph = normalized.clone();
  XPUQ_TRY(run_phases(graph, Phase::convert, Phase::convert, options, record));
  if (options.fuse) XPUQ_TRY(run_phases(graph, Phase::fuse, Phase::fuse, options, record));
  // Fusion leaves dequantize nodes without readers.
  PipelineOptions quiet = options;
  const PassContext context{.quantization = options.quantization, .bf16 = options.bf16, .notes = &record.notes};
  XPUQ_ASSIGN([[maybe_unused]] const Change swept, eliminate_dead_nodes(graph, context));
  XPUQ_TRY(run_phases(graph, Phase::layout, Phase::layout, quiet, record));
  XPUQ_ASSIGN(Lowered lowered, lower(graph, strip));
  const std::string broken = verify(lowered.plan);
  XPUQ_CHECK(broken.empty(), broken);
  if (final_graph) *final_graph = std::move(graph);
  return lowered;
}

}  // namespace xpuq
