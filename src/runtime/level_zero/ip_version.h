// The extension ZE_extension_device_ip_version (Level Zero 1.7 of the loader's specification), which headers before 1.9
// do not declare.
#pragma once

#include <level_zero/ze_api.h>

namespace xpuq::level_zero {

/// As ze_device_ip_version_ext_t; chained to ze_device_properties_t.
struct IpVersion {
  ze_structure_type_t stype = static_cast<ze_structure_type_t>(0x1000f);  ///< ZE_STRUCTURE_TYPE_DEVICE_IP_VERSION_EXT
  const void* pNext = nullptr;
  std::uint32_t ip_version = 0;
};

}  // namespace xpuq::level_zero
