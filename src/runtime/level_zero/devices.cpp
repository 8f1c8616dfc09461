// The GPUs that the driver shows.
#include <mutex>
#include <optional>

#include "runtime/gpu_device.h"
#include "runtime/level_zero/program_executable.h"

namespace xpuq {
namespace {

using level_zero::ContextPtr;
using level_zero::LoadedProgram;

class LevelZeroDevice final : public GpuDevice {
 public:
  explicit LevelZeroDevice(ContextPtr context) : context_(std::move(context)) {}

  std::string device_name() const override {
    return context_->name() + " (" + gpu::ip_version_text(context_->key().ip_version) + ", " + gpu::shape_text(context_->key()) + ")";
  }
  std::string library() const override { return "Level Zero driver " + context_->driver_version(); }
  gpu::DeviceKey key() const override { return context_->key(); }

  Result<std::unique_ptr<GpuExecutable>> load(const Plan& plan, std::shared_ptr<const gpu::Program> program, const EngineOptions& options) override {
    std::shared_ptr<const LoadedProgram> loaded;
    {
      const std::lock_guard hold(lock_);
      loaded = last_.lock();
      if (!loaded || &loaded->program() != program.get()) {
        XPUQ_ASSIGN(loaded, LoadedProgram::load(context_, plan, std::move(program)));
        last_ = loaded;
      }
    }
    return level_zero::ProgramExecutable::create(std::move(loaded), plan, options);
  }

 private:
  ContextPtr context_;
  std::mutex lock_;
  std::weak_ptr<const LoadedProgram> last_;
};

}  // namespace

Result<std::vector<std::shared_ptr<GpuDevice>>> level_zero_devices() {
  XPUQ_ASSIGN(const level_zero::Api* api, level_zero::api());
  constexpr std::uint32_t kIntel = 0x8086;
  std::vector<std::shared_ptr<GpuDevice>> devices;
  std::optional<Error> unusable;
  std::uint32_t drivers = 0;
  XPUQ_ZE(*api, zeDriverGet, &drivers, nullptr);
  std::vector<ze_driver_handle_t> handles(drivers);
  XPUQ_ZE(*api, zeDriverGet, &drivers, handles.data());
  for (ze_driver_handle_t driver : handles) {
    std::uint32_t count = 0;
    XPUQ_ZE(*api, zeDeviceGet, driver, &count, nullptr);
    std::vector<ze_device_handle_t> found(count);
    XPUQ_ZE(*api, zeDeviceGet, driver, &count, found.data());
    for (ze_device_handle_t device : found) {
      ze_device_properties_t p{};
      p.stype = ZE_STRUCTURE_TYPE_DEVICE_PROPERTIES;
      XPUQ_ZE(*api, zeDeviceGetProperties, device, &p);
      if (p.type != ZE_DEVICE_TYPE_GPU || p.vendorId != kIntel) continue;
      auto context = level_zero::Context::create(*api, driver, device);
      if (context.ok()) devices.push_back(std::make_shared<LevelZeroDevice>(std::move(*context)));
      else unusable = std::move(context.error());  // one that does not open must not hide the others
    }
  }
  if (devices.empty() && unusable)
    return make_error("E503", "--device gpu", "no usable Intel GPU", unusable->what + ": " + unusable->got, {}, "the driver's own tools, to see why it does not open, or -d cpu");
  if (devices.empty())
    return make_error("E503", "--device gpu", "no usable Intel GPU", "Level Zero loader present, " + std::to_string(drivers) + " drivers, 0 devices", {}, "see ZE_AFFINITY_MASK and the permissions of /dev/dri, or -d cpu");
  return devices;
}

}  // namespace xpuq
