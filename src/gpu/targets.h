// The Intel GPUs that xpuq-compile has names for.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gpu/device_key.h"
#include "xpuq/result.h"

namespace xpuq::gpu {

struct Target {
  std::string_view name;     ///< of a part ("a770")
  std::string_view family;   ///< of the driver ("dg2"); the first part of a family also answers to this name
  std::string_view product;  ///< for people
  std::string_view device;   ///< PCI device number, hexadecimal
  DeviceKey key;
  /// The driver's simulation takes another stepping of this part by default and has to be told the IP version.
  bool tell_ip_version = false;
};

/// Sources: Intel's device tables in compute-runtime (shared/source/dll/devices) and the product pages on ark.intel.com.
std::span<const Target> all_targets();
/// Names of parts and families.
std::vector<std::string> target_names();
/// E203 with the names there are.
Result<Target> find_target(const std::string& name);

}  // namespace xpuq::gpu
