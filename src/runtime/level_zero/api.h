// The part of Level Zero that is used, opened when a GPU is asked for: a program runs where no driver is installed.
#pragma once

#include <level_zero/ze_api.h>

#include "xpuq/result.h"

namespace xpuq::level_zero {

#define XPUQ_LEVEL_ZERO_CALLS(CALL)                                                                                   \
  CALL(zeInit) CALL(zeDriverGet) CALL(zeDriverGetProperties) CALL(zeDeviceGet) CALL(zeDeviceGetProperties)            \
  CALL(zeDeviceGetCommandQueueGroupProperties) CALL(zeContextCreate) CALL(zeContextDestroy) CALL(zeMemAllocDevice)    \
  CALL(zeMemAllocHost) CALL(zeMemFree) CALL(zeModuleCreate) CALL(zeModuleDestroy) CALL(zeKernelCreate)                \
  CALL(zeKernelDestroy) CALL(zeKernelSetGroupSize) CALL(zeKernelSetArgumentValue) CALL(zeCommandQueueCreate)          \
  CALL(zeCommandQueueDestroy) CALL(zeCommandQueueExecuteCommandLists) CALL(zeCommandQueueSynchronize)                 \
  CALL(zeCommandListCreate) CALL(zeCommandListDestroy) CALL(zeCommandListClose) CALL(zeCommandListAppendBarrier)      \
  CALL(zeCommandListAppendLaunchKernel) CALL(zeCommandListAppendMemoryCopy) CALL(zeCommandListAppendMemoryFill)       \
  CALL(zeEventPoolCreate) CALL(zeEventPoolDestroy) CALL(zeEventCreate) CALL(zeEventDestroy) CALL(zeEventHostReset)    \
  CALL(zeEventQueryKernelTimestamp)

struct Api {
#define XPUQ_CALL(name) decltype(&::name) name = nullptr;
  XPUQ_LEVEL_ZERO_CALLS(XPUQ_CALL)
#undef XPUQ_CALL
};

/// Opens the loader and starts the driver, once. E503: no loader, or no driver that it finds.
Result<const Api*> api();

/// What a failed call means to a user: E101 for memory and a lost device, with a remedy.
Error failure(const std::string& call, ze_result_t status);

}  // namespace xpuq::level_zero

/// Returns the error of a Level Zero call from the enclosing function.
#define XPUQ_ZE(api, call, ...)                                                                              \
  do {                                                                                                       \
    if (const ze_result_t xpuq_status = (api).call(__VA_ARGS__); xpuq_status != ZE_RESULT_SUCCESS)           \
      return ::xpuq::level_zero::failure(#call, xpuq_status);                                                \
  } while (0)
