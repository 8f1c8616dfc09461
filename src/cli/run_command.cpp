#include "cli/run_command.h"

#include "artifact/artifact.h"
#include "cli/artifact_output.h"
#include "cli/baseline.h"
#include "cli/bench_output.h"
#include "cli/layer_times_output.h"
#include "cli/run_options.h"
#include "cli/run_output.h"
#include "cli/usage_error.h"
#include "profile/profile.h"
#include "runtime/engine.h"
#include "support/text.h"

namespace xpuq::cli {
namespace {

std::string missing_operand(const Arguments& arguments) {
  return arguments.operands.empty() && !arguments.flag("--list-devices") ? "ARTIFACT" : "";
}

/// The engine that `device` means; empty when there is none of that name.
std::optional<DeviceInfo> find_device(const std::string& device) {
  const auto devices = list_devices();
  if (!devices.ok()) return std::nullopt;
  for (const DeviceInfo& d : *devices)
    if (d.id == device || d.id.starts_with(device + ":")) return d;
  if (device != "auto") return std::nullopt;
  for (const DeviceInfo& d : *devices)
    if (d.id.starts_with("gpu")) return d;
  return devices->empty() ? std::nullopt : std::optional(devices->front());
}

std::optional<DeviceInfo> tell_device(Invocation& invocation, const RunRequest& request) {
  const auto device = find_device(request.options.device);
  if (device) {
    invocation.result()["device"] = {{"name", device->name}, {"kind", device->id}, {"onednn", device->library}};
    log_info(LogLevel::decisions, "device " + device->id + ": " + device->name + ", " + device->library);
  }
  return device;
}

Result<void> infer(Invocation& invocation, const RunRequest& request) {
  tell_device(invocation, request);
  // Answers are the result when nothing was asked about them as a whole.
  const bool answers = !request.options.accuracy && request.options.reference.empty() && request.options.expect.empty();
  const auto on_prediction = [&](const Prediction& p) {
    if (answers) tell_prediction(invocation, p);
  };
  XPUQ_ASSIGN(const RunResult result, run(request.options, invocation.reporter(), on_prediction));
  tell_run(invocation, result);
  check_targets(invocation, request, result);
  return {};
}

Result<void> benchmark(Invocation& invocation, const RunRequest& request) {
  const auto device = tell_device(invocation, request);
  XPUQ_ASSIGN(const BenchResult result, bench(request.options, request.bench, invocation.reporter()));
  tell_bench(invocation, request, result, device);
  if (!request.times.empty()) XPUQ_TRY(write_times(request.times, result));
  check_targets(invocation, request, result);
  return {};
}

Result<void> execute(Invocation& invocation) {
  XPUQ_ASSIGN(const RunRequest request, read_run_request(invocation.arguments(), invocation.settings()));
  if (request.options.output == "-")
    return make_error(kBadValue, "--output", "outputs cannot be written to standard output", {},
                      "FILE.npz, FILE.npy or a folder", "-o out.npz");
  if (request.times == "-") XPUQ_TRY(invocation.give_stdout_to("--times"));
  switch (request.mode) {
    case RunMode::list_devices: return show_devices(invocation);
    case RunMode::info: return show_info(invocation, request);
    case RunMode::self_test: return show_self_test(invocation, request);
    case RunMode::check_compat: return show_compatibility(invocation, request);
    case RunMode::list_layers: return show_layers(invocation, request);
    case RunMode::bench: XPUQ_TRY(benchmark(invocation, request)); break;
    case RunMode::infer: XPUQ_TRY(infer(invocation, request)); break;
  }
  if (!request.baseline.empty()) XPUQ_TRY(check_baseline(invocation, request.options.artifact, request.baseline));
  if (!request.write_baseline.empty()) XPUQ_TRY(write_baseline(invocation, request.options.artifact, request.write_baseline));
  if (!request.profile) return {};
  XPUQ_ASSIGN(const LayerProfile profile, profile_layers(request.options, request.bench, invocation.reporter()));
  return tell_layer_times(invocation, *request.profile, profile);
}

std::vector<std::pair<std::string, std::string>> versions() {
  std::vector<std::pair<std::string, std::string>> out;
  if (const auto engine = load_engine("cpu"); engine.ok()) {
    const std::string library = (*engine)->library();  // "oneDNN 3.2.0"
    const auto space = library.find(' ');
    out.emplace_back(library.substr(0, space),
                     space == std::string::npos ? std::string("unknown") : library.substr(space + 1));
  }
  out.emplace_back("profile", std::to_string(kProfileMajor));
  out.emplace_back("artifact", std::to_string(kArtifactMajor));
  return out;
}

}  // namespace

Command run_artifact_command() {
  return {.name = "xpuq-run",
          .examples = {"xpuq-run resnet50.xpuq photo.jpg --topk 5 --labels imagenet.txt",
                       "xpuq-run resnet50.xpuq imagenet/val --accuracy --min-top1 75.5"},
          .synopsis = {"xpuq-run [options] ARTIFACT DATA...    infers",
                       "xpuq-run [options] ARTIFACT            benchmarks on random input",
                       "xpuq-run ARTIFACT --info | --self-test | --check-compat | --list-layers",
                       "xpuq-run --list-devices"},
          .declare = declare_run_options,
          .missing_operand = missing_operand,
          .versions = versions,
          .more_versions =
              [] { return std::vector<std::pair<std::string, std::string>>{{"images", "JPEG, PNG, BMP, PPM/PGM"}}; },
          .execute = execute};
}

}  // namespace xpuq::cli
