#include "record/start_recording.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "gpu/exchange.h"
#include "record/driver_installation.h"
#include "support/file.h"
#include "support/process.h"

namespace xpuq::record {
namespace {

Result<std::string> find_recorder() {
  const std::vector<std::string> paths = companion_paths("xpuq-record", "XPUQ_RECORD_DIR");
  const auto it = std::find_if(paths.begin(), paths.end(), [](const std::string& p) { return file_exists(p); });
  if (it != paths.end()) return *it;
  return make_error("E503", "xpuq-record", "this installation cannot compile for a GPU", "no " + paths.front(), {}, "tools/setup-gpu.sh and build again: the recorder needs oneDNN with a GPU engine");
}

/// oneDNN with its GPU engine and the SYCL runtime: a folder, or a link to one, beside the recorder.
std::string library_folder(const std::string& recorder) { return (std::filesystem::path(recorder).parent_path() / "onednn-gpu").string(); }

std::string device_text(const RecordingDevice& d) { return d.target ? "--target " + std::string(d.target->name) : "--device gpu:" + std::to_string(d.device); }

}  // namespace

Result<std::vector<gpu::Program>> start_recording(const std::string& path, const RecordingDevice& device, const KernelChoices& choices) {
  XPUQ_ASSIGN(const DriverInstallation driver, find_driver());
  XPUQ_ASSIGN(const std::string recorder, find_recorder());
  XPUQ_ASSIGN(const TemporaryFolder folder, TemporaryFolder::create());
  const std::string answer = folder.file("programs");
  ProcessOptions options;
  options.arguments = command_line(driver, {library_folder(recorder)}, {recorder, path, answer, to_text(choices)});
  if (device.target) options.environment = simulate(driver, *device.target);
  // oneDNN takes the first GPU it sees. Where the user has made a choice, the numbers are his already.
  else if (std::getenv("ZE_AFFINITY_MASK") == nullptr) options.environment.emplace_back("ZE_AFFINITY_MASK", std::to_string(device.device));
  if (driver.root.empty()) {
    const char* own = std::getenv("LD_LIBRARY_PATH");
    options.environment.emplace_back("LD_LIBRARY_PATH", library_folder(recorder) + (own != nullptr && *own != '\0' ? std::string(":") + own : ""));
  }
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"ZE_ENABLE_TRACING_LAYER", "1"},
           // The newer of the SYCL runtime's two adapters cannot make a context on a simulated device.
           {"UR_LOADER_USE_LEVEL_ZERO_V2", "0"},
           {"ONEAPI_DEVICE_SELECTOR", "level_zero:gpu"}})
    options.environment.emplace_back(name, value);
  XPUQ_ASSIGN(const ProcessEnd end, run_process(options));
  // A terminal sends the signal to both; either may notice first.
  if (end.interrupted || end.signal == SIGINT || end.signal == SIGTERM)
    return make_error(end.signal == SIGTERM ? "E143" : "E130", device_text(device), "interrupted while the plan was compiled");
  if (!end.ok() || !file_exists(answer))
    return make_error("E101", device_text(device), "the driver or oneDNN gave up while the plan was compiled", end.how() + (end.output.empty() ? "" : ": " + end.output), {}, "another target, or please report this with the model");
  XPUQ_ASSIGN(const MappedFile file, map_file(answer, "E101"));
  return gpu::decode_answer(file.bytes);
}

}  // namespace xpuq::record
