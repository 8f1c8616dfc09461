#include "cli/calibrate_command.h"

#include <limits>

#include "cli/model_options.h"
#include "cli/parse_values.h"
#include "cli/preprocessing.h"
#include "cli/profile_output.h"
#include "cli/usage_error.h"
#include "driver/calibrate.h"
#include "driver/calibrate_ranks.h"
#include "import/onnx/import.h"
#include "qmath/range_rules.h"

namespace xpuq::cli {
namespace {

constexpr auto kUnbounded = std::numeric_limits<std::uint64_t>::max();

void declare(OptionTable& table) {
  table.group("Output");
  table.value("-o,--output", "FILE", "profile to write (MODEL's name + .xcal)");
  table.flag("--force", "replace an existing profile");
  table.flag("--resume", "go on from OUTPUT.partial");
  table.group("Samples");
  table.value("-n,--images", "N|all", "samples to use (300)").suggest({"all"});
  table.choice("--select", {"spread", "first", "random"}, "which of them");
  table.value("--seed", "N", "of --select random (0)");
  table.value("--from", "FILE", "more operands, one a line (- is stdin)");
  table.value("--batch", "N", "samples a forward (the model's, else 1)");
  table.repeat("--shape", "INPUT:DIMS", "fixes symbolic dimensions");
  table.value("--max-bad", "N|P%", "undecodable samples tolerated (1%)");
  table.group("Statistics");
  table.value("--method", "NAME",
              "histogram, minmax, moving-average[:C], percentile[:P], entropy, auto; noted as the default").suggest(qmath::range_rule_names());
  table.value("--bins", "N", "of the histograms (2048)");
  table.optional_value("--sqnr", "K", "afterwards measure what int8 costs each value and layer, on K samples (8)");
  table.group("Parts and inspection");
  table.value("--shard", "I/N", "only samples I, I+N, ... (I from 1)");
  table.flag("--mpi", "all ranks of an MPI job measure one profile together");
  table.flag("--merge", "join the parts of one calibration");
  table.flag("--show", "print a profile, a line a value");
  declare_preprocessing(table);
}

std::string missing_operand(const Arguments& arguments) {
  const std::size_t operands = arguments.operands.size();
  if (arguments.flag("--show") || arguments.flag("--merge")) return operands == 0 ? "PROFILE" : "";
  if (operands == 0) return "MODEL";
  return operands == 1 && !arguments.given("--from") ? "DATA" : "";
}

Result<std::string> read_output(const Arguments& arguments) {
  std::string output = arguments.value_or("--output", "");
  if (output.ends_with(".gz"))
    return make_error(kBadValue, "--output", "compressed profiles are not written by this version", output,
                      "a name ending in .xcal", "-o " + output.substr(0, output.size() - 3));
  return output;
}

Result<CalibrateOptions> read_options(const Arguments& arguments, const Settings& settings) {
  CalibrateOptions o;
  o.model = arguments.operands[0];
  o.operands.assign(arguments.operands.begin() + 1, arguments.operands.end());
  o.from_file = arguments.value("--from");
  XPUQ_ASSIGN(o.output, read_output(arguments));
  if (const auto text = arguments.value("--batch")) {
    XPUQ_ASSIGN(const std::uint64_t batch, parse_count(*text, "--batch", 1, 1u << 20));
    o.import.batch = static_cast<std::int64_t>(batch);
  }
  XPUQ_ASSIGN(o.import.shapes, read_shapes(arguments));
  o.preprocessing = read_preprocessing(arguments);
  if (const auto text = arguments.value("--images")) {
    o.images.reset();
    if (*text != "all") { XPUQ_ASSIGN(o.images, parse_count(*text, "--images", 1, kUnbounded)); }
  }
  const std::string select = arguments.value_or("--select", "spread");
  o.select = select == "first"    ? samples::Selection::first
             : select == "random" ? samples::Selection::random
                                  : samples::Selection::spread;
  XPUQ_ASSIGN(o.seed, parse_count(arguments.value_or("--seed", "0"), "--seed", 0, kUnbounded));
  o.method = arguments.value_or("--method", o.method);
  XPUQ_TRY([&]() -> Result<void> {
    if (const auto rule = qmath::parse_range_rule(o.method); !rule.ok()) return rule.error();
    return {};
  }());
  XPUQ_ASSIGN(o.bins, parse_count(arguments.value_or("--bins", "2048"), "--bins", qmath::kLeastBins, qmath::kMostBins));
  XPUQ_ASSIGN(const CountOrPercent bad, parse_count_or_percent(arguments.value_or("--max-bad", "1%"), "--max-bad"));
  o.max_bad = bad.count;
  o.max_bad_percent = bad.percent;
  if (const auto text = arguments.value("--shard")) {
    XPUQ_ASSIGN(const Part part, parse_part(*text, "--shard"));
    o.shard = ProfileShard{part.index, part.count};
  }
  if (const auto text = arguments.value("--sqnr")) {
    XPUQ_ASSIGN(o.sqnr_samples, parse_count(text->empty() ? "8" : *text, "--sqnr", 1, 1u << 20));
  }
  o.resume = arguments.flag("--resume");
  o.force = arguments.flag("--force");
  o.threads = settings.threads;
  return o;
}

Result<void> show(Invocation& invocation) {
  const auto& operands = invocation.arguments().operands;
  if (operands.size() > 2)
    return make_error(kContradiction, "--show", "takes one PROFILE and one GLOB",
                      std::to_string(operands.size()) + " operands");
  return show_profile(invocation, operands[0], operands.size() == 2 ? operands[1] : "*");
}

Result<void> merge(Invocation& invocation) {
  const Arguments& arguments = invocation.arguments();
  XPUQ_ASSIGN(const std::string output, read_output(arguments));
  if (output.empty()) return make_error(kMissing, "--merge", "needs the name of the joined profile", {}, {}, "-o FILE");
  if (output == "-") XPUQ_TRY(invocation.give_stdout_to("--output"));
  XPUQ_ASSIGN(const CalibrateResult result,
              merge_shards(arguments.operands, output, arguments.flag("--force"), invocation.reporter()));
  tell_result(invocation, result);
  return {};
}

/// Rank 0 tells the result. A rank that fails tells why and ends the job, since the others would wait for it for ever.
Result<void> calibrate_in_job(Invocation& invocation, const CalibrateOptions& options) {
  XPUQ_ASSIGN(const std::shared_ptr<Ranks> ranks, start_ranks());
  invocation.at_end([ranks](int status) {
    if (status != 0 && ranks->count() > 1) ranks->end_job(status);
  });
  Reporter reporter = invocation.reporter();
  if (ranks->rank() != 0) {
    invocation.leave_result_to_another();
    reporter.progress = Reporter{}.progress;
    // What is true of the whole, rank 0 says, too.
    reporter.warning = [tell = reporter.warning](const std::string& code, const std::string& message) {
      if (code == "W020" || code == "W022") tell(code, message);
    };
  }
  Result<CalibrateResult> result = calibrate_over_ranks(options, *ranks, reporter);
  if (!result.ok()) {
    result.error().who = ranks->name() + ": " + result.error().who;
    return std::move(result.error());
  }
  tell_result(invocation, *result);
  return {};
}

Result<void> execute(Invocation& invocation) {
  const Arguments& arguments = invocation.arguments();
  XPUQ_TRY(check_exclusive(arguments, {"--show", "--merge"}));
  XPUQ_TRY(check_exclusive(arguments, {"--merge", "--shard"}));
  XPUQ_TRY(check_exclusive(arguments, {"--mpi", "--merge", "--shard", "--show"}));
  XPUQ_TRY(check_exclusive(arguments, {"--force", "--resume"}));
  if (arguments.flag("--show")) return show(invocation);
  if (arguments.flag("--merge")) return merge(invocation);
  XPUQ_ASSIGN(const CalibrateOptions options, read_options(arguments, invocation.settings()));
  if (options.output == "-") XPUQ_TRY(invocation.give_stdout_to("--output"));
  if (arguments.flag("--mpi")) return calibrate_in_job(invocation, options);
  XPUQ_ASSIGN(const CalibrateResult result, calibrate(options, invocation.reporter()));
  tell_result(invocation, result);
  return {};
}

}  // namespace

Command calibrate_command() {
  return {
      .name = "xpuq-calibrate",
      .examples = {"xpuq-calibrate resnet50.onnx imagenet/val -n 300 -o resnet50.xcal",
                   "xpuq-calibrate det.onnx street/ --preset unit --resize 640"},
      .synopsis = {"xpuq-calibrate [options] MODEL DATA...", "xpuq-calibrate --merge [options] PROFILE PROFILE...",
                   "xpuq-calibrate --show PROFILE [GLOB]"},
      .declare = declare,
      .missing_operand = missing_operand,
      .versions =
          [] { return std::vector<std::pair<std::string, std::string>>{{"profile", std::to_string(kProfileMajor)}}; },
      .more_versions =
          [] {
            return std::vector<std::pair<std::string, std::string>>{
                {"models", "ONNX opset " + std::to_string(kOldestOpset) + " to " + std::to_string(kNewestOpset) +
                               ", torch.export .pt2"},
                {"images", "JPEG, PNG, BMP, PPM/PGM"}};
          },
      .execute = execute};
}

}  // namespace xpuq::cli
