#include "cli/pass_script.h"

#include <limits>

#include "cli/parse_values.h"
#include "cli/usage_error.h"
#include "ir/verify.h"
#include "pipeline/pipeline.h"
#include "quantize/quantization.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

Result<const Pass*> pass_of(const std::string& name) {
  if (const Pass* pass = find_pass(name)) return pass;
  std::vector<std::string> names;
  for (const Pass& pass : passes()) names.emplace_back(pass.name);
  return unknown_word(name, "--pass", names);
}

/// [NAME=]LO:HI
Result<NamedRange> range_of(const std::string& text) {
  constexpr double kMost = std::numeric_limits<float>::max();
  NamedRange range;
  const auto equals = text.rfind('=');
  if (equals != std::string::npos) range.value = text.substr(0, equals);
  const NamedText bounds = split_input(equals == std::string::npos ? text : text.substr(equals + 1));
  XPUQ_ASSIGN(const double lo, parse_number(bounds.input, "--range", -kMost, kMost));
  XPUQ_ASSIGN(const double hi, parse_number(bounds.value, "--range", -kMost, kMost));
  if (lo > hi) return make_error(kBadValue, "--range", "ends before it starts", text, "[NAME=]LO:HI", "--range -1:1");
  range.lo = static_cast<float>(lo);
  range.hi = static_cast<float>(hi);
  return range;
}

/// NAME=HI,LO:HI,...
Result<void> read_channel_range(const std::string& text, ChannelRanges& ranges) {
  constexpr double kMost = std::numeric_limits<float>::max();
  const auto equals = text.rfind('=');
  if (equals == std::string::npos) return make_error(kBadValue, "--channel-range", "names no value", text, "NAME=HI,LO:HI,...", "--channel-range v=1,2,-1:4");
  for (const std::string& part : split(text.substr(equals + 1), ',')) {
    const NamedText bounds = split_input(part);
    XPUQ_ASSIGN(const double lo, parse_number(bounds.input.empty() ? "0" : bounds.input, "--channel-range", -kMost, 0));
    XPUQ_ASSIGN(const double hi, parse_number(bounds.value, "--channel-range", 0, kMost));
    ranges[text.substr(0, equals)].push_back({static_cast<float>(lo), static_cast<float>(hi)});
  }
  return {};
}

/// Statistics that every range rule turns into exactly [lo, hi].
qmath::ObserverState state_of(const NamedRange& range) {
  qmath::ObserverState state;
  state.min = state.histogram.lo = state.moving_lo = range.lo;
  state.max = state.histogram.hi = state.moving_hi = range.hi;
  state.histogram.counts.front() += 1;
  state.histogram.counts.back() += 1;
  state.count = 2;
  return state;
}

/// Every value of the graph that a --range covers; the last one that does wins.
Profile profile_of(const Graph& graph, const std::vector<NamedRange>& ranges) {
  Profile profile;
  profile.method = "minmax";
  const auto add = [&](ValueId v) {
    const std::string& name = graph.value(v).name;
    const NamedRange* found = nullptr;
    for (const NamedRange& range : ranges)
      if (range.value.empty() || glob_match(range.value, name)) found = &range;
    if (!found) return;
    ProfileValue value;
    value.name = name;
    value.stats = state_of(*found);
    profile.values.push_back(std::move(value));
  };
  for (ValueId v : graph.inputs()) add(v);
  for (NodeId n : graph.order())
    for (ValueId v : graph.node(n).outputs) add(v);
  return profile;
}

Result<void> check_graph(const Graph& graph, std::string_view after) {
  const std::string broken = verify(graph);
  if (broken.empty()) return {};
  return make_error("E100", std::string(after), "left a broken graph, which is a bug of the pass", broken);
}

Error needs_ranges(const std::string& who) {
  return make_error(kContradiction, who, "needs a range for every value that it quantizes", {}, {}, "--range -1:1");
}

Result<void> run_until(Phase last, Graph& graph, const PipelineOptions& options, std::vector<std::string>& notes) {
  PipelineRecord record;
  const auto run = [&](Phase phase) {
    return last < phase ? Result<void>{} : run_phases(graph, phase, phase, options, record);
  };
  if (last == Phase::import) return {};
  XPUQ_TRY(run(Phase::normalize));
  // Observers and quantization are two roads from a normalized graph.
  if (last == Phase::prepare) return run(Phase::prepare);
  if (last == Phase::convert && !options.quantization) return needs_ranges("--stop-after convert");
  XPUQ_TRY(run(Phase::convert));
  XPUQ_TRY(run(Phase::fuse));
  XPUQ_TRY(run(Phase::layout));
  notes.insert(notes.end(), record.notes.begin(), record.notes.end());
  return {};
}

}  // namespace

void declare_script_options(OptionTable& table) {
  table.group("Passes");
  table.repeat("--pass", "NAME", "run this pass, in the order given");
  table.choice("--stop-after", {"import", "normalize", "prepare", "convert", "fuse", "layout"},
               "run the pipeline up to a phase");
  table.repeat("--range", "[GLOB=]LO:HI", "range of values for quantization");
  table.repeat("--channel-range", "NAME=HI,LO:HI,...", "ranges of a value's channels, to equalize them");
  table.choice("--act-scheme", {"asymmetric", "symmetric"}, "of activations");
  table.choice("--weight-granularity", {"channel", "tensor"}, "scales of weights");
  table.choice("--recipe", {"xpu", "x86"}, "x86: max pool carries int8, too");
  table.flag("--quantize-matmul", "also products of two activations");
  table.flag("--bf16", "float values travel in bf16");
  table.flag("--split-conv-transpose", "transposed convolutions are to be int8");
}

Result<PassScript> read_script(const Arguments& arguments) {
  PassScript script;
  XPUQ_TRY(check_exclusive(arguments, {"--pass", "--stop-after"}));
  for (const std::string& name : arguments.values("--pass")) {
    XPUQ_ASSIGN(const Pass* pass, pass_of(name));
    script.passes.push_back(pass);
  }
  if (const auto phase = arguments.value("--stop-after")) script.stop_after = parse_phase(*phase);
  for (const std::string& text : arguments.values("--range")) {
    XPUQ_ASSIGN(NamedRange range, range_of(text));
    script.ranges.push_back(std::move(range));
  }
  for (const std::string& text : arguments.values("--channel-range")) XPUQ_TRY(read_channel_range(text, script.channel_ranges));
  script.recipe.family = arguments.value("--recipe") == "x86" ? RecipeFamily::x86 : RecipeFamily::xpu;
  if (arguments.value("--act-scheme") == "symmetric") script.recipe.global = qmath::Scheme::symmetric;
  script.recipe.per_channel_weights = arguments.value("--weight-granularity") != "tensor";
  script.recipe.quantize_matmul = arguments.flag("--quantize-matmul");
  script.bf16 = arguments.flag("--bf16");
  script.split_conv_transpose = arguments.flag("--split-conv-transpose");
  return script;
}

Result<void> run_script(const PassScript& script, Graph& graph, std::vector<std::string>& notes) {
  XPUQ_TRY(check_graph(graph, "input"));
  Quantization quantization{.recipe = script.recipe, .profile = nullptr};
  Profile profile;
  // Names of the values to be quantized may come from earlier passes, so the profile is made right before it is used.
  const auto refresh = [&] {
    profile = profile_of(graph, script.ranges);
    quantization.profile = &profile;
  };
  if (script.stop_after) {
    PipelineOptions options;
    options.bf16 = script.bf16;
    if (!script.ranges.empty() && *script.stop_after >= Phase::convert) {
      XPUQ_TRY(run_until(Phase::normalize, graph, {}, notes));
      refresh();
      options.quantization = &quantization;
    }
    return run_until(*script.stop_after, graph, options, notes);
  }
  for (const Pass* pass : script.passes) {
    PassContext context{.quantization = nullptr, .channel_ranges = script.channel_ranges.empty() ? nullptr : &script.channel_ranges, .split_conv_transpose = script.split_conv_transpose, .bf16 = script.bf16, .notes = &notes};
    if (pass->run == &convert_quantize) {
      if (script.ranges.empty()) return needs_ranges("--pass " + std::string(pass->name));
      refresh();
      context.quantization = &quantization;
    }
    XPUQ_ASSIGN([[maybe_unused]] const Change change, pass->run(graph, context));
    XPUQ_TRY(check_graph(graph, "--pass " + std::string(pass->name)));
  }
  return {};
}

}  // namespace xpuq::cli
