// The GPU that oneDNN will find, asked from the driver.
#pragma once

#include "gpu/device_key.h"
#include "xpuq/result.h"

namespace xpuq::record {

/// Of the first Intel GPU. E503 when there is none, or when the driver does not tell its IP version.
Result<gpu::DeviceKey> device_facts();

}  // namespace xpuq::record
