#include "cli/compile_command.h"

#include <algorithm>

#include "artifact/artifact.h"
#include "cli/compile_output.h"
#include "cli/model_options.h"
#include "cli/node_list.h"
#include "cli/parse_values.h"
#include "cli/pass_list.h"
#include "cli/quantization_report.h"
#include "cli/usage_error.h"
#include "driver/compile.h"
#include "gpu/targets.h"
#include "import/onnx/import.h"
#include "ops/op.h"
#include "profile/profile.h"
#include "qmath/range_rules.h"
#include "quantize/recipe_file.h"
#include "support/file.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

std::vector<std::string> phase_names() {
  std::vector<std::string> names;
  for (int p = 0; p <= static_cast<int>(Phase::emit); ++p) names.emplace_back(to_string(static_cast<Phase>(p)));
  return names;
}

std::vector<std::string> operation_names() {
  std::vector<std::string> names;
  for (const OpSchema& op : all_ops()) names.emplace_back(op.name);
  return names;
}

std::vector<std::string> pass_names() {
  std::vector<std::string> names;
  for (const Pass& pass : passes()) names.emplace_back(pass.name);
  return names;
}

std::vector<std::string> target_words() {
  std::vector<std::string> words = gpu::target_names();
  words.insert(words.begin(), {"any", "cpu", "gpu"});
  return words;
}

void declare(OptionTable& table) {
  table.group("Input and output");
  table.value("-o,--output", "FILE", "artifact to write (MODEL's name + .xpuq)");
  table.value("-p,--profile", "FILE", "measured ranges (MODEL's name + .xcal)");
  table.choice("--profile-check", {"strict", "graph", "off"}, "what must be equal");
  table.repeat("--batch", "N", "fixes the batch; several values make several plans");
  table.repeat("--shape", "INPUT:DIMS", "fixes symbolic dimensions");
  table.value("--embed-labels", "FILE", "class names for xpuq-run");
  table.value("--name", "TEXT", "name of the artifact");
  table.value("--self-test", "N", "self-tests to embed (1)");
  table.value("--sign", "KEY", "writes ARTIFACT.sig, too (Ed25519 key, PEM)");
  table.flag("--strip", "leave out names and origins");
  table.flag("--dry-run", "do everything but write");
  table.group("Quantization");
  table.choice("--precision", {"int8", "int8-bf16", "f32", "bf16"}, "of convolutions and linear layers");
  table.choice("--act-scheme", {"asymmetric", "symmetric"}, "of activations");
  table.choice("--weight-granularity", {"channel", "tensor"}, "scales of weights");
  table.choice("--weight-scale-floor", {"reference", "none"}, "least scale of weights, 2^-12 or");
  table.value("--recipe", "xpu|x86|FILE", "x86: max pool carries int8, too; or a recipe file").suggest({"xpu", "x86"});
  table.value("--method", "NAME", "another range rule than the profile's").suggest(qmath::range_rule_names());
  table.flag("--quantize-matmul", "also products of two activations");
  table.repeat("--exclude", "GLOB", "nodes to keep in float").suggest_nodes();
  table.repeat("--exclude-type", "OP", "operations to keep in float").suggest(operation_names());
  table.repeat("--only", "GLOB", "keep all other nodes in float").suggest_nodes();
  table.value("--min-sqnr", "DB", "layers whose output is noisier in int8 go back to float");
  table.value("--fallback-worst", "N", "so do the N that cost the model's output most");
  table.group("Accuracy (--help accuracy)");
  table.repeat("--calibration", "DATA", "pictures that the next three work on: those of the calibration");
  table.flag("--bias-correction", "take the mean error of rounded weights out of biases");
  table.flag("--equalize", "even out the ranges of channels (cross-layer equalization)");
  table.choice("--round", {"nearest", "adaptive"}, "weights: each by itself, or for the layer's output (AdaRound)");
  table.value("--drop", "P", "search: top-1 may fall by P percent points; needs --validate");
  table.value("--min-output-sqnr", "DB", "search: the model's outputs against float; needs --validate");
  table.repeat("--validate", "DATA", "pictures to search on, a class per subfolder for --drop");
  table.value("--from", "FILE", "more of them, one a line, a TAB and a label behind");
  table.value("--max-evaluations", "N", "of the search (40); not met by then is exit 6");
  table.flag("--resume", "go on with the search in OUTPUT.search");
  table.value("--target", "LIST", "compile ahead of time for: any, cpu, dg2, b580, ...").suggest_list(target_words());
  table.flag("--tune", "choose kernels: cpu by measuring here, GPUs by prediction");
  table.flag("--verify", "run them on emulated GPUs, step by step, before writing");
  table.group("Targets and reports");
  table.flag("--strict", "a wanted layer in float is exit 6");
  table.value("--min-int8-coverage", "P", "percent of multiply-adds in int8, else exit 6");
  table.value("--report", "FILE", "quantization report: .html, .json, .csv, else text");
  table.value("--export-qdq", "FILE", "the same quantization as a QDQ ONNX model");
  table.group("Looking inside");
  table.value("--dump-graph", "FILE", "final graph: .dot, else text");
  table.value("--dump-after", "PASS", "dump the graph after this pass instead").suggest(pass_names());
  table.choice("--stop-after", phase_names(), "print the graph there and write nothing");
  table.default_on("--fusion", "one primitive a node, for bisecting");
  table.flag("--list-passes", "names of all passes");
  table.flag("--list-nodes", "names of MODEL's nodes, as --exclude takes them");
}

std::string missing_operand(const Arguments& arguments) {
  return arguments.operands.empty() && !arguments.flag("--list-passes") ? "MODEL" : "";
}

Result<void> check_contradictions(const Arguments& arguments) {
  if (arguments.operands.size() > 1)
    return make_error(kContradiction, arguments.operands[1], "one operand too many: xpuq-compile takes one MODEL", {},
                      {}, "-p PROFILE, -o ARTIFACT");
  if (const auto precision = arguments.value("--precision"); precision && !quantizes(*parse_precision(*precision)))
    for (const char* option : {"--strict", "--export-qdq", "--min-int8-coverage", "--method", "--exclude", "--only", "--min-sqnr", "--fallback-worst", "--calibration", "--drop", "--min-output-sqnr"})
      if (arguments.given(option))
        return make_error(kContradiction, option, "means nothing with --precision " + *precision, {}, {},
                          std::string("leave out ") + option);
  if (arguments.flag("--verify") && arguments.value_or("--self-test", "1") == "0")
    return make_error(kContradiction, "--verify", "needs a self-test to run", {}, {}, "leave out --self-test 0");
  XPUQ_TRY(check_needs(arguments, "--verify", {"--target"}));
  XPUQ_TRY(check_needs(arguments, "--tune", {"--target"}));
  if (arguments.flag("--tune") && arguments.value("--target") == "any")
    return make_error(kContradiction, "--tune", "the portable plan has nothing to choose", {}, {}, "--target cpu, or a GPU");
  for (const char* option : {"--bias-correction", "--equalize"})
    if (arguments.flag(option)) XPUQ_TRY(check_needs(arguments, option, {"--calibration"}));
  if (arguments.value("--round") == "adaptive") XPUQ_TRY(check_needs(arguments, "--round", {"--calibration"}));
  XPUQ_TRY(check_exclusive(arguments, {"--drop", "--min-output-sqnr"}));
  for (const char* option : {"--drop", "--min-output-sqnr"}) XPUQ_TRY(check_needs(arguments, option, {"--validate", "--from"}));
  for (const char* option : {"--validate", "--from", "--max-evaluations", "--resume"}) XPUQ_TRY(check_needs(arguments, option, {"--drop", "--min-output-sqnr"}));
  XPUQ_TRY(check_exclusive(arguments, {"--stop-after", "--dump-graph"}));
  XPUQ_TRY(check_exclusive(arguments, {"--stop-after", "--report"}));
  return check_needs(arguments, "--dump-after", {"--dump-graph"});
}

/// --recipe alone: a family's name, or a file.
Result<Recipe> named_recipe(const std::string& word) {
  Recipe recipe;
  if (word == "xpu" || word == "x86") {
    recipe.family = word == "x86" ? RecipeFamily::x86 : RecipeFamily::xpu;
    return recipe;
  }
  if (!file_exists(word))
    return make_error(kBadValue, "--recipe", "'" + word + "' is neither a family nor a file", {}, "xpu, x86, or a recipe file",
                      "xpuq-compile --help recipe");
  XPUQ_ASSIGN(const std::string text, read_file(word, kBadValue));
  return read_recipe(text, word);
}

/// The recipe file, if any, with what other options say on top of it.
Result<Recipe> recipe_of(const Arguments& arguments) {
  XPUQ_ASSIGN(Recipe recipe, named_recipe(arguments.value_or("--recipe", "xpu")));
  const auto append = [](std::vector<std::string>& list, const std::vector<std::string>& more) { list.insert(list.end(), more.begin(), more.end()); };
  if (const auto scheme = arguments.value("--act-scheme")) recipe.global = *parse_activation_config(*scheme);
  if (const auto granularity = arguments.value("--weight-granularity")) recipe.per_channel_weights = *granularity == "channel";
  if (const auto floor = arguments.value("--weight-scale-floor")) recipe.weight_scale_floor = *floor == "reference";
  if (arguments.given("--quantize-matmul")) recipe.quantize_matmul = arguments.flag("--quantize-matmul");
  append(recipe.exclude, arguments.values("--exclude"));
  append(recipe.exclude_types, arguments.values("--exclude-type"));
  append(recipe.only, arguments.values("--only"));
  recipe.method = arguments.value_or("--method", recipe.method);
  if (!recipe.method.empty())
    if (const auto rule = qmath::parse_range_rule(recipe.method); !rule.ok()) return rule.error();
  return recipe;
}

Result<std::string> read_pass(const Arguments& arguments) {
  const std::string name = arguments.value_or("--dump-after", "");
  if (name.empty() || find_pass(name)) return name;
  return unknown_word(name, "--dump-after", pass_names());
}

/// "dg2,b580": each once; "any" and "cpu" are the portable plan, which is always there.
Result<std::vector<gpu::Target>> read_targets(const Arguments& arguments) {
  std::vector<gpu::Target> targets;
  const auto add = [&](const gpu::Target& target) {
    if (std::none_of(targets.begin(), targets.end(), [&](const gpu::Target& t) { return t.name == target.name; })) targets.push_back(target);
  };
  for (const std::string& name : split(arguments.value_or("--target", "any"), ',')) {
    if (name == "any" || name == "cpu") continue;
    if (name == "gpu") {
      for (const gpu::Target& t : gpu::all_targets()) add(t);
      continue;
    }
    auto target = gpu::find_target(name);
    if (!target.ok()) return unknown_word(name, "--target", gpu::target_names());
    add(*target);
  }
  return targets;
}

Result<SearchOptions> read_search(const Arguments& arguments) {
  SearchOptions s;
  if (const auto text = arguments.value("--drop")) {
    XPUQ_ASSIGN(s.drop, parse_number(*text, "--drop", 0, 100));
  }
  if (const auto text = arguments.value("--min-output-sqnr")) {
    XPUQ_ASSIGN(s.min_output_sqnr, parse_number(*text, "--min-output-sqnr", -100, 300));
  }
  s.validate = arguments.values("--validate");
  s.from_file = arguments.value("--from");
  XPUQ_ASSIGN(s.max_evaluations, parse_count(arguments.value_or("--max-evaluations", "40"), "--max-evaluations", 1, 10000));
  s.resume = arguments.flag("--resume");
  return s;
}

Result<CompileOptions> read_options(const Arguments& arguments, const Settings& settings) {
  CompileOptions o;
  o.model = arguments.operands[0];
  o.output = arguments.value_or("--output", "");
  o.profile = arguments.value("--profile");
  const std::string check = arguments.value_or("--profile-check", "strict");
  using Check = CompileOptions::ProfileCheck;
  o.profile_check = check == "graph" ? Check::graph : check == "off" ? Check::off : Check::strict;
  o.precision = *parse_precision(arguments.value_or("--precision", "int8"));
  XPUQ_ASSIGN(o.recipe, recipe_of(arguments));
  XPUQ_ASSIGN(o.import.shapes, read_shapes(arguments));
  for (const std::string& text : arguments.values("--batch")) {
    XPUQ_ASSIGN(const std::vector<std::int64_t> batches, parse_count_list(text, "--batch"));
    o.batches.insert(o.batches.end(), batches.begin(), batches.end());
  }
  if (const auto text = arguments.value("--min-sqnr")) {
    XPUQ_ASSIGN(o.min_sqnr, parse_number(*text, "--min-sqnr", -100, 300));
  }
  XPUQ_ASSIGN(o.fallback_worst, parse_count(arguments.value_or("--fallback-worst", "0"), "--fallback-worst", 0, 1u << 20));
  o.fitting = {.equalize = arguments.flag("--equalize"), .bias_correction = arguments.flag("--bias-correction"), .adaptive_rounding = arguments.value("--round") == "adaptive"};
  o.calibration = arguments.values("--calibration");
  XPUQ_ASSIGN(o.search, read_search(arguments));
  o.strict = arguments.flag("--strict");
  XPUQ_ASSIGN(o.min_int8_coverage,
              parse_number(arguments.value_or("--min-int8-coverage", "0"), "--min-int8-coverage", 0, 100));
  o.labels_file = arguments.value_or("--embed-labels", "");
  o.name = arguments.value_or("--name", "");
  o.private_key = arguments.value_or("--sign", "");
  XPUQ_ASSIGN(const std::uint64_t tests, parse_count(arguments.value_or("--self-test", "1"), "--self-test", 0, 1000));
  o.self_tests = static_cast<int>(tests);
  o.strip = arguments.flag("--strip");
  o.dry_run = arguments.flag("--dry-run");
  o.fuse = arguments.flag("--fusion", true);
  if (const auto phase = arguments.value("--stop-after")) o.stop_after = parse_phase(*phase);
  o.export_qdq = arguments.value_or("--export-qdq", "");
  o.dump_graph = arguments.value_or("--dump-graph", "");
  XPUQ_ASSIGN(o.dump_after, read_pass(arguments));
  o.threads = settings.threads;
  XPUQ_ASSIGN(o.targets, read_targets(arguments));
  const std::vector<std::string> names = split(arguments.value_or("--target", "any"), ',');
  o.cpu = std::find(names.begin(), names.end(), "cpu") != names.end();
  o.tune = arguments.flag("--tune");
  o.verify = arguments.flag("--verify");
  return o;
}

Result<void> execute(Invocation& invocation) {
  const Arguments& arguments = invocation.arguments();
  if (arguments.flag("--list-passes")) {
    list_passes(invocation);
    return {};
  }
  XPUQ_TRY(check_contradictions(arguments));
  XPUQ_ASSIGN(const CompileOptions options, read_options(arguments, invocation.settings()));
  if (arguments.flag("--list-nodes")) return list_nodes(invocation, options.model, options.import);
  const std::string report = arguments.value_or("--report", "");
  if (!options.private_key.empty() && options.output == "-")
    return make_error(kContradiction, "--sign", "has no place for the signature of standard output", {}, {}, "-o FILE");
  if (report == "-") XPUQ_TRY(invocation.check_stdout_free("--report"));
  if (options.output == "-" && !options.dry_run) XPUQ_TRY(invocation.give_stdout_to("--output"));
  if (options.dump_graph == "-") XPUQ_TRY(invocation.give_stdout_to("--dump-graph"));
  if (!options.private_key.empty() && options.output == "-")
    return make_error(kContradiction, "--sign", "has no place for the signature of standard output", {}, {}, "-o FILE");
  if (report == "-") XPUQ_TRY(invocation.check_stdout_free("--report"));

  XPUQ_ASSIGN(const CompileResult result, compile(options, invocation.reporter()));
  tell_result(invocation, options, result);
  if (!report.empty() && !options.stop_after) XPUQ_TRY(write_report(invocation, report, options, result));
  for (const Error& missed : result.missed) invocation.miss(missed);
  return {};
}

}  // namespace

Command compile_command() {
  return {.name = "xpuq-compile",
          .examples = {"xpuq-compile resnet50.onnx -p r50.xcal -o r50.xpuq --report -",
                       "xpuq-compile m.pt2 --exclude 'head*' --min-int8-coverage 95"},
          .synopsis = {"xpuq-compile [options] MODEL [-p PROFILE] -o ARTIFACT"},
          .declare = declare,
          .missing_operand = missing_operand,
          .versions =
              [] {
                return std::vector<std::pair<std::string, std::string>>{{"profile", std::to_string(kProfileMajor)},
                                                                        {"artifact", std::to_string(kArtifactMajor)}};
              },
          .more_versions =
              [] {
                return std::vector<std::pair<std::string, std::string>>{
                    {"models", "ONNX opset " + std::to_string(kOldestOpset) + " to " + std::to_string(kNewestOpset) +
                                   ", torch.export .pt2"}};
              },
          .execute = execute};
}

}  // namespace xpuq::cli
