#include "record/device_facts.h"

#include "runtime/level_zero/ip_version.h"

namespace xpuq::record {

Result<gpu::DeviceKey> device_facts() {
  const auto none = [](const char* what, ze_result_t status) {
    return make_error("E503", "the Level Zero driver", what, "status " + std::to_string(static_cast<unsigned>(status)), {}, "install the Intel GPU driver (libze-intel-gpu1)");
  };
  if (const ze_result_t status = zeInit(ZE_INIT_FLAG_GPU_ONLY); status != ZE_RESULT_SUCCESS) return none("it does not start", status);
  std::uint32_t count = 1;
  ze_driver_handle_t driver = nullptr;
  if (const ze_result_t status = zeDriverGet(&count, &driver); status != ZE_RESULT_SUCCESS || count == 0) return none("no driver for a GPU", status);
  count = 1;
  ze_device_handle_t device = nullptr;
  if (const ze_result_t status = zeDeviceGet(driver, &count, &device); status != ZE_RESULT_SUCCESS || count == 0) return none("no GPU", status);
  level_zero::IpVersion ip;
  ze_device_properties_t properties{};
  properties.stype = ZE_STRUCTURE_TYPE_DEVICE_PROPERTIES;
  properties.pNext = &ip;
  if (const ze_result_t status = zeDeviceGetProperties(device, &properties); status != ZE_RESULT_SUCCESS) return none("it does not tell the properties of the GPU", status);
  if (ip.ip_version == 0) return none("it does not tell the IP version of the GPU", ZE_RESULT_SUCCESS);
  return gpu::DeviceKey{ip.ip_version, properties.numSlices, properties.numSubslicesPerSlice, properties.numEUsPerSubslice, properties.numThreadsPerEU};
}

}  // namespace xpuq::record
