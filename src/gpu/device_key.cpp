#include "gpu/device_key.h"

namespace xpuq::gpu {

std::string ip_version_text(std::uint32_t ip) {
  return std::to_string(ip >> 22) + "." + std::to_string((ip >> 14) & 0xFF) + "." + std::to_string(ip & 0x3F);
}

std::string shape_text(const DeviceKey& key) {
  return std::to_string(key.slices) + "x" + std::to_string(key.subslices) + "x" + std::to_string(key.eus);
}

}  // namespace xpuq::gpu
