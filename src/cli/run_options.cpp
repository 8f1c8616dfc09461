#include "cli/run_options.h"

#include <limits>

#include "cli/preprocessing.h"
#include "cli/usage_error.h"
#include "gpu/targets.h"

namespace xpuq::cli {
namespace {

constexpr double kMostNumber = std::numeric_limits<double>::max();
constexpr auto kMostCount = std::numeric_limits<std::uint64_t>::max();

Result<std::optional<double>> optional_number(const Arguments& arguments, const std::string& option, double least,
                                              double most) {
  const auto text = arguments.value(option);
  if (!text) return std::optional<double>{};
  XPUQ_ASSIGN(const double value, parse_number(*text, option, least, most));
  return std::optional<double>(value);
}

RunMode read_mode(const Arguments& arguments) {
  if (arguments.flag("--list-devices")) return RunMode::list_devices;
  if (arguments.flag("--info")) return RunMode::info;
  if (arguments.flag("--self-test")) return RunMode::self_test;
  if (arguments.flag("--check-compat")) return RunMode::check_compat;
  if (arguments.flag("--list-layers")) return RunMode::list_layers;
  if (arguments.flag("--bench")) return RunMode::bench;
  const bool no_data = arguments.operands.size() < 2 && !arguments.given("--from");
  // Data is then missing, not left out: the driver says so.
  for (const char* option : {"--accuracy", "--min-top1", "--min-top5", "--reference", "--expect", "--output"})
    if (arguments.given(option)) return RunMode::infer;
  return no_data ? RunMode::bench : RunMode::infer;
}

Result<void> check_combinations(const Arguments& arguments, RunMode mode) {
  XPUQ_TRY(check_exclusive(arguments, {"--info", "--self-test", "--check-compat", "--list-layers", "--list-devices",
                                       "--bench", "--accuracy"}));
  XPUQ_TRY(check_exclusive(arguments, {"--bench", "--reference"}));
  XPUQ_TRY(check_exclusive(arguments, {"--bench", "--expect"}));
  XPUQ_TRY(check_exclusive(arguments, {"--bench", "--output"}));
  XPUQ_TRY(check_exclusive(arguments, {"--baseline", "--write-baseline"}));
  XPUQ_TRY(check_needs(arguments, "--verify", {"--info"}));
  XPUQ_TRY(check_needs(arguments, "--confusion", {"--accuracy", "--min-top1", "--min-top5"}));
  XPUQ_TRY(check_needs(arguments, "--drop", {"--reference"}));
  XPUQ_TRY(check_needs(arguments, "--rtol", {"--expect"}));
  XPUQ_TRY(check_needs(arguments, "--atol", {"--expect"}));
  XPUQ_TRY(check_needs(arguments, "--min-sqnr", {"--expect", "--reference"}));
  if (mode != RunMode::bench && mode != RunMode::infer)
    for (const char* option : {"--baseline", "--write-baseline"})
      if (arguments.given(option)) return make_error(kContradiction, option, "needs a run that is measured", {}, {}, "data with --accuracy, or --bench");
  if (mode == RunMode::bench) return {};
  for (const char* option : {"--percentiles", "--streams", "--times", "--max-latency", "--min-throughput", "--count"})
    XPUQ_TRY(check_needs(arguments, option, {"--bench"}));
  for (const char* option : {"--warmup", "--duration", "--iterations"})
    XPUQ_TRY(check_needs(arguments, option, {"--bench", "--profile"}));
  return {};
}

Result<RunOptions> read_options(const Arguments& arguments, const Settings& settings) {
  RunOptions o;
  if (!arguments.operands.empty()) {
    o.artifact = arguments.operands[0];
    o.operands.assign(arguments.operands.begin() + 1, arguments.operands.end());
  }
  o.from_file = arguments.value("--from");
  o.preprocessing = read_preprocessing(arguments);
  o.cache = arguments.flag("--cache", true);
  o.device = arguments.value_or("--device", environment("XPUQ_DEVICE").value_or("auto"));
  if (const auto text = arguments.value("--batch")) {
    XPUQ_ASSIGN(const std::uint64_t batch, parse_count(*text, "--batch", 1, 1u << 20));
    o.batch = static_cast<std::int64_t>(batch);
  }
  o.threads = settings.threads;
  o.labels_file = arguments.value_or("--labels", "");
  o.output = arguments.value_or("--output", "");
  XPUQ_ASSIGN(const std::uint64_t topk, parse_count(arguments.value_or("--topk", "5"), "--topk", 1, 1000000));
  o.topk = static_cast<int>(topk);
  o.softmax = arguments.flag("--softmax", true);
  o.accuracy = arguments.flag("--accuracy") || arguments.given("--min-top1") || arguments.given("--min-top5");
  o.confusion = arguments.value_or("--confusion", "");
  o.public_key = arguments.value_or("--require-signature", "");
  o.reference = arguments.value_or("--reference", "");
  o.expect = arguments.value_or("--expect", "");
  XPUQ_ASSIGN(o.rtol, parse_number(arguments.value_or("--rtol", "1e-2"), "--rtol", 0, kMostNumber));
  XPUQ_ASSIGN(o.atol, parse_number(arguments.value_or("--atol", "1e-3"), "--atol", 0, kMostNumber));
  return o;
}

Result<BenchOptions> read_bench(const Arguments& arguments) {
  BenchOptions b;
  XPUQ_ASSIGN(b.warmup_seconds, parse_seconds(arguments.value_or("--warmup", "200ms"), "--warmup"));
  XPUQ_ASSIGN(b.seconds, parse_seconds(arguments.value_or("--duration", "3s"), "--duration"));
  XPUQ_ASSIGN(b.iterations, parse_count(arguments.value_or("--iterations", "10"), "--iterations", 1, kMostCount));
  XPUQ_ASSIGN(const std::uint64_t streams, parse_count(arguments.value_or("--streams", "1"), "--streams", 1, 256));
  b.streams = static_cast<int>(streams);
  b.count = arguments.value("--count") == "compute" ? BenchOptions::Count::compute : BenchOptions::Count::transfer;
  return b;
}

Result<RunTargets> read_targets(const Arguments& arguments) {
  RunTargets t;
  XPUQ_ASSIGN(t.min_top1, optional_number(arguments, "--min-top1", 0, 100));
  XPUQ_ASSIGN(t.min_top5, optional_number(arguments, "--min-top5", 0, 100));
  XPUQ_ASSIGN(t.drop, optional_number(arguments, "--drop", 0, 100));
  XPUQ_ASSIGN(t.min_sqnr, optional_number(arguments, "--min-sqnr", -kMostNumber, kMostNumber));
  XPUQ_ASSIGN(t.throughput, optional_number(arguments, "--min-throughput", 0, kMostNumber));
  if (const auto text = arguments.value("--max-latency")) {
    XPUQ_ASSIGN(t.latency, parse_latency_target(*text, "--max-latency"));
  }
  return t;
}

}  // namespace

namespace {

std::vector<std::string> device_words() {
  std::vector<std::string> words{"auto", "cpu", "gpu"};
  for (const gpu::Target& target : gpu::all_targets()) words.push_back("emulated:" + std::string(target.name));
  return words;
}

}  // namespace

void declare_run_options(OptionTable& table) {
  table.group("Inference");
  table.value("-d,--device", "NAME", "auto, cpu, gpu[:N], emulated:PART").suggest(device_words());
  table.value("--batch", "N", "which plan of the artifact (its first)");
  table.value("--from", "FILE", "more data operands, one a line (- is stdin)");
  table.value("--require-signature", "KEY", "only an artifact signed with it (public, PEM)");
  table.value("--topk", "K", "answers a sample (5)");
  table.value("--labels", "FILE", "class names (those embedded)");
  table.default_on("--softmax", "scores as the graph gives them");
  table.value("-o,--output", "FILE|DIR", "raw outputs: .npz, .npy, or a folder");
  table.value("--max-bad", "N|P%", "undecodable samples tolerated (1%), else exit 1");
  table.group("Accuracy (a target that is not met is exit 6)");
  table.flag("--accuracy", "top-1 and top-5; classes with -v");
  table.value("--confusion", "FILE", "confusion matrix (CSV)");
  table.value("--min-top1", "P", "percent");
  table.value("--min-top5", "P", "percent");
  table.value("--reference", "FILE", "second artifact on the same data");
  table.value("--drop", "P", "tolerated loss of top-1 against it");
  table.value("--expect", "FILE", "compare outputs with a stored .npz");
  table.value("--rtol", "X", "of --expect (1e-2)");
  table.value("--atol", "X", "of --expect (1e-3)");
  table.value("--min-sqnr", "DB", "against --expect or --reference");
  table.group("Benchmark (without data, or with --bench)");
  table.flag("--bench", "benchmark, also beside data");
  table.value("--warmup", "T", "before timing (200ms)");
  table.value("--duration", "T", "at least (3s)");
  table.value("--iterations", "N", "at least (10); exactly with --duration 0");
  table.value("--percentiles", "LIST", "of the latency (50,90,95,99)");
  table.value("--streams", "N", "concurrent requests (1)");
  table.choice("--count", {"compute", "transfer"}, "what a latency includes");
  table.value("--times", "FILE", "latency of every iteration (CSV or .json)");
  table.value("--max-latency", "T[@P]", "percentile P (99) within T");
  table.value("--min-throughput", "X", "samples a second");
  table.optional_value("--profile", "FILE", "times per layer; .json is for trace viewers");
  table.group("Regression test");
  table.value("--write-baseline", "FILE", "keep this run's figures (JSON)");
  table.value("--baseline", "FILE", "a figure worse than those kept is exit 6");
  table.group("Artifact and device");
  table.flag("--info", "what is inside");
  table.flag("--verify", "with --info: check every section");
  table.flag("--self-test", "embedded inputs against stored outputs");
  table.flag("--check-compat", "whether it can run here");
  table.default_on("--cache", "keep no program compiled on this machine");
  table.flag("--list-layers", "steps and the kernels they take");
  table.flag("--list-devices", "devices that can be used");
  declare_preprocessing(table);
}

Result<RunRequest> read_run_request(const Arguments& arguments, const Settings& settings) {
  RunRequest r;
  r.mode = read_mode(arguments);
  XPUQ_TRY(check_combinations(arguments, r.mode));
  XPUQ_ASSIGN(r.options, read_options(arguments, settings));
  XPUQ_ASSIGN(r.bench, read_bench(arguments));
  XPUQ_ASSIGN(r.targets, read_targets(arguments));
  XPUQ_ASSIGN(r.percentiles, parse_percent_list(arguments.value_or("--percentiles", "50,90,95,99"), "--percentiles"));
  XPUQ_ASSIGN(r.max_bad, parse_count_or_percent(arguments.value_or("--max-bad", "1%"), "--max-bad"));
  r.options.max_bad = r.max_bad.count;
  // The driver measures --min-sqnr against --expect; that against --reference is checked from its report.
  if (!r.options.expect.empty()) r.options.min_sqnr = r.targets.min_sqnr;
  r.profile = arguments.value("--profile");
  r.times = arguments.value_or("--times", "");
  r.baseline = arguments.value_or("--baseline", "");
  r.write_baseline = arguments.value_or("--write-baseline", "");
  r.verify = arguments.flag("--verify");
  return r;
}

}  // namespace xpuq::cli
