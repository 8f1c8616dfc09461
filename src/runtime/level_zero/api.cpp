#include "runtime/level_zero/api.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

namespace xpuq::level_zero {
namespace {

/// XPUQ_LEVEL_ZERO names another loader.
const char* loader_name() {
  const char* other = std::getenv("XPUQ_LEVEL_ZERO");
  return other != nullptr && *other != '\0' ? other : "libze_loader.so.1";
}

Result<Api> open() {
  void* library = dlopen(loader_name(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = dlerror();
    return make_error("E503", "--device gpu", "no usable Intel GPU", std::string("no Level Zero loader: ") + (why ? why : loader_name()), {}, "install libze1 and the Intel GPU driver (libze-intel-gpu1), or -d cpu");
  }
  Api api;
#define XPUQ_CALL(name)                                                                                      \
  api.name = reinterpret_cast<decltype(api.name)>(dlsym(library, #name));                                    \
  if (api.name == nullptr)                                                                                   \
    return make_error("E503", "--device gpu", "the Level Zero loader is too old", "no " #name, {}, "install a newer libze1, or -d cpu");
  XPUQ_LEVEL_ZERO_CALLS(XPUQ_CALL)
#undef XPUQ_CALL
  if (const ze_result_t status = api.zeInit(ZE_INIT_FLAG_GPU_ONLY); status != ZE_RESULT_SUCCESS) {
    const std::string got = status == ZE_RESULT_ERROR_UNINITIALIZED ? "Level Zero loader present, no driver for a GPU" : failure("zeInit", status).got;
    return make_error("E503", "--device gpu", "no usable Intel GPU", got, {}, "install the Intel GPU driver (libze-intel-gpu1), or -d cpu");
  }
  return api;
}

}  // namespace

Result<const Api*> api() {
  static const Result<Api> opened = open();
  if (!opened.ok()) return Error(opened.error());
  return &opened.value();
}

Error failure(const std::string& call, ze_result_t status) {
  char number[16];
  std::snprintf(number, sizeof number, "0x%x", static_cast<unsigned>(status));
  const std::string got = call + ": " + number;
  switch (status) {
    case ZE_RESULT_ERROR_DEVICE_LOST:
      return make_error("E101", "the GPU", "the device was lost while it worked", got, {}, "run again; if it stays so, see the kernel log (dmesg), or -d cpu");
    case ZE_RESULT_ERROR_OUT_OF_DEVICE_MEMORY:
      return make_error("E101", "the GPU", "out of device memory", got, {}, "a smaller --batch, fewer --streams, another gpu:N, or -d cpu");
    case ZE_RESULT_ERROR_OUT_OF_HOST_MEMORY:
      return make_error("E101", "the GPU", "out of host memory", got, {}, "a smaller --batch, or fewer --streams");
    case ZE_RESULT_ERROR_INVALID_NATIVE_BINARY:
    case ZE_RESULT_ERROR_MODULE_BUILD_FAILURE:
    case ZE_RESULT_ERROR_MODULE_LINK_FAILURE:
      return make_error("E502", "the GPU", "the driver does not take the machine code", got, {}, "xpuq-compile --target again, for this device");
    case ZE_RESULT_ERROR_NOT_AVAILABLE:
    case ZE_RESULT_ERROR_DEVICE_REQUIRES_RESET:
      return make_error("E101", "the GPU", "the device is busy or wants a reset", got, {}, "run again later, or -d cpu");
    default: return make_error("E101", "the GPU", "a call of the driver failed", got, {}, "please report this with the driver's version, or -d cpu");
  }
}

}  // namespace xpuq::level_zero
