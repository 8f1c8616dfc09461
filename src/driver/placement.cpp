#include "driver/placement.h"

#include <algorithm>

#include "driver/cpu_tuning.h"
#include "driver/gpu_program.h"
#include "gpu/section.h"
#include "gpu/targets.h"
#include "runtime/emulated/emulated_device.h"
#include "runtime/gpu_device.h"
#include "support/log.h"
#include "support/text.h"

namespace xpuq {
namespace {

constexpr const char* kEmulated = "emulated:";

class CpuPlacement final : public Placement {
 public:
  CpuPlacement(std::shared_ptr<const Artifact> artifact, std::size_t plan, std::shared_ptr<Engine> engine) : artifact_(std::move(artifact)), plan_(plan), engine_(std::move(engine)) {}
  std::string id() const override { return "cpu"; }
  std::string device_name() const override { return engine_->device_name(); }
  std::string library() const override { return engine_->library(); }
  Result<std::unique_ptr<Executable>> load(const EngineOptions& options) override {
    EngineOptions tuned = options;
    tuned.kernels = tuned_kernels(*artifact_, plan_, *engine_);
    return engine_->load(artifact_->plans[plan_], tuned);
  }
  Roofs roofs(int threads) const override { return engine_->roofs(threads); }
  std::vector<SectionFit> sections() const override { return fits(*artifact_, plan_, nullptr); }

 private:
  std::shared_ptr<const Artifact> artifact_;
  std::size_t plan_;
  std::shared_ptr<Engine> engine_;
};

class GpuPlacement final : public Placement {
 public:
  GpuPlacement(std::shared_ptr<const Artifact> artifact, std::size_t plan, std::string id, std::shared_ptr<GpuDevice> device, std::shared_ptr<const gpu::Program> program)
      : artifact_(std::move(artifact)), plan_(plan), id_(std::move(id)), device_(std::move(device)), program_(std::move(program)) {}
  std::string id() const override { return id_; }
  std::string device_name() const override { return device_->device_name(); }
  std::string library() const override { return device_->library() + ", " + program_->library; }
  Result<std::unique_ptr<Executable>> load(const EngineOptions& options) override {
    XPUQ_ASSIGN(std::unique_ptr<Executable> loaded, load_on_gpu(options));
    return loaded;
  }
  Result<std::unique_ptr<GpuExecutable>> load_on_gpu(const EngineOptions& options) override { return device_->load(artifact_->plans[plan_], program_, options); }
  const gpu::Program* program() const override { return program_.get(); }
  std::vector<SectionFit> sections() const override {
    const gpu::DeviceKey key = device_->key();
    return fits(*artifact_, plan_, &key);
  }

 private:
  std::shared_ptr<const Artifact> artifact_;
  std::size_t plan_;
  std::string id_;
  std::shared_ptr<GpuDevice> device_;
  std::shared_ptr<const gpu::Program> program_;
};

Result<std::shared_ptr<Placement>> on_cpu(std::shared_ptr<const Artifact> artifact, std::size_t plan) {
  XPUQ_ASSIGN(std::shared_ptr<Engine> engine, load_engine("cpu"));
  return std::shared_ptr<Placement>(std::make_shared<CpuPlacement>(std::move(artifact), plan, std::move(engine)));
}

bool has_gpu_section(const Artifact& artifact, std::size_t plan) {
  return std::any_of(artifact.targets.begin(), artifact.targets.end(), [&](const TargetSection& s) {
    const auto key = gpu::parse_section_key(s.key);
    return key && key->plan == plan;
  });
}

/// The number in "gpu:N"; 0 for "gpu", empty for anything else.
std::optional<std::size_t> gpu_number(const std::string& device) {
  if (device == "gpu") return 0;
  if (!device.starts_with("gpu:") || device.size() < 5 || device.size() > 7) return std::nullopt;
  if (!std::all_of(device.begin() + 4, device.end(), [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  return std::stoul(device.substr(4));
}

Result<std::shared_ptr<Placement>> on_gpu(const std::shared_ptr<const Artifact>& artifact, std::size_t plan, const std::string& path, std::size_t number, const PlacementOptions& options, bool may_compile) {
  XPUQ_ASSIGN(const std::vector<std::shared_ptr<GpuDevice>> devices, level_zero_devices());
  if (number >= devices.size()) return make_error("E503", "--device gpu:" + std::to_string(number), "no such GPU", {}, "gpu:0 to gpu:" + std::to_string(devices.size() - 1), "xpuq-run --list-devices");
  const std::shared_ptr<GpuDevice>& device = devices[number];
  std::string note;
  XPUQ_ASSIGN(std::shared_ptr<const gpu::Program> program, section_program(*artifact, plan, device->key(), path, note));
  if (!note.empty()) log_info(LogLevel::warnings, path + ": " + note);
  if (!program && !may_compile) return make_error("E503", path, "no section for " + device->device_name());
  if (!program) {
    XPUQ_ASSIGN(program, program_made_here(*artifact, plan, device->key(), number, path, options.cache));
  }
  return std::shared_ptr<Placement>(std::make_shared<GpuPlacement>(artifact, plan, "gpu:" + std::to_string(number), device, std::move(program)));
}

/// An emulated part runs what was compiled for it, in any shape, and nothing else.
Result<std::shared_ptr<Placement>> on_emulator(const std::shared_ptr<const Artifact>& artifact, std::size_t plan, const std::string& path, const std::string& device) {
  auto target = gpu::find_target(device.substr(std::string_view(kEmulated).size()));
  if (!target.ok()) return make_error("E503", "--device " + device, "no such part", {}, "emulated: and one of " + join(gpu::target_names(), ", "));
  XPUQ_ASSIGN(std::shared_ptr<GpuDevice> emulated, emulated_device(*target));
  std::string note;
  XPUQ_ASSIGN(std::shared_ptr<const gpu::Program> program, section_program(*artifact, plan, emulated->key(), path, note));
  if (!note.empty()) log_info(LogLevel::warnings, path + ": " + note);
  if (!program) return make_error("E503", path, "not compiled for this part", {}, "a section for gpu:" + gpu::ip_version_text(target->key.ip_version), "xpuq-compile --target " + std::string(target->name));
  return std::shared_ptr<Placement>(std::make_shared<GpuPlacement>(artifact, plan, device, std::move(emulated), std::move(program)));
}

}  // namespace

Result<std::shared_ptr<Placement>> place(std::shared_ptr<const Artifact> artifact, std::size_t plan, const std::string& path, const PlacementOptions& options) {
  if (options.device == "cpu") return on_cpu(std::move(artifact), plan);
  if (options.device == "auto") {
    // The driver is asked only where its answer could matter: starting it takes longer than loading a plan.
    if (has_gpu_section(*artifact, plan)) {
      auto gpu = on_gpu(artifact, plan, path, 0, options, false);
      if (gpu.ok() || gpu.error().exit_code() != 5 || gpu.error().code == "E502") return gpu;
      log_info(LogLevel::decisions, "cpu, because: " + gpu.error().what + (gpu.error().got.empty() ? "" : " (" + gpu.error().got + ")"));
    }
    return on_cpu(std::move(artifact), plan);
  }
  if (options.device.starts_with(kEmulated)) return on_emulator(artifact, plan, path, options.device);
  if (const auto number = gpu_number(options.device)) return on_gpu(artifact, plan, path, *number, options, true);
  return make_error("E503", "--device " + options.device, "no such device", {}, "auto, cpu, gpu, gpu:N, emulated:NAME", "xpuq-run --list-devices");
}

Result<std::vector<DeviceInfo>> list_devices() {
  XPUQ_ASSIGN(const std::shared_ptr<Engine> engine, load_engine("cpu"));
  std::vector<DeviceInfo> devices{{"cpu", engine->device_name(), engine->library()}};
  if (const auto gpus = level_zero_devices(); gpus.ok())
    for (std::size_t i = 0; i < gpus->size(); ++i) devices.push_back({"gpu:" + std::to_string(i), (*gpus)[i]->device_name(), (*gpus)[i]->library()});
  return devices;
}

}  // namespace xpuq
