// Which Intel GPU a program was made for, and which one is there.
#pragma once

#include <cstdint>
#include <string>

namespace xpuq::gpu {

/// What decides whether machine code runs on a device (the IP version) and whether it was tuned for it (the shape).
struct DeviceKey {
  std::uint32_t ip_version = 0;  ///< ze_device_ip_version_ext_t: (architecture << 22) | (release << 14) | revision
  std::uint32_t slices = 0;
  std::uint32_t subslices = 0;   ///< per slice
  std::uint32_t eus = 0;         ///< execution units per sub-slice
  std::uint32_t threads = 0;     ///< hardware threads per execution unit

  bool operator==(const DeviceKey&) const = default;
};

/// "12.55.8"
std::string ip_version_text(std::uint32_t ip_version);
/// "8x4x16": slices x sub-slices x execution units.
std::string shape_text(const DeviceKey& key);

}  // namespace xpuq::gpu
