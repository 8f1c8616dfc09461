// A Level Zero loader for tests: a GPU whose memory is the host's and whose kernels do nothing, with faults on demand.
// Built as libze_loader.so.1 and found through LD_LIBRARY_PATH. FAKE_GPU is a list of words:
//   no-driver, no-device          what the driver finds
//   ip=20.1.4, shape=5x4x8        the device; default 12.55.8, 8x4x16 (Arc A770)
//   memory=N                      bytes of device memory
//   refuse-modules                zeModuleCreate fails
//   lost=N                        the device is lost at the N-th synchronization (from 1)
//   no-in-order                   lists do not wait by themselves; then barriers are counted
// At exit it prints what was submitted to FAKE_GPU_LOG, if that is set.
#include <level_zero/ze_api.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace {

struct Options {
  bool driver = true, device = true, refuse = false, in_order = true;
  unsigned ip[3] = {12, 55, 8}, shape[3] = {8, 4, 16};
  std::size_t memory = std::size_t{1} << 40;
  int lost = 0;

  Options() {
    const char* text = std::getenv("FAKE_GPU");
    std::string words = text ? text : "";
    words += ' ';
    for (std::size_t at = 0; (at = words.find(' ')) != std::string::npos; words.erase(0, at + 1)) {
      const std::string w = words.substr(0, at);
      if (w == "no-driver") driver = false;
      if (w == "no-device") device = false;
      if (w == "refuse-modules") refuse = true;
      if (w == "no-in-order") in_order = false;
      std::sscanf(w.c_str(), "ip=%u.%u.%u", &ip[0], &ip[1], &ip[2]);
      std::sscanf(w.c_str(), "shape=%ux%ux%u", &shape[0], &shape[1], &shape[2]);
      std::sscanf(w.c_str(), "memory=%zu", &memory);
      std::sscanf(w.c_str(), "lost=%d", &lost);
    }
  }
};
const Options& options() {
  static const Options o;
  return o;
}

struct Counts {
  std::atomic<int> modules{0}, launches{0}, barriers{0}, executions{0}, synchronizations{0}, allocations{0}, live{0};
  ~Counts() {
    const char* path = std::getenv("FAKE_GPU_LOG");
    if (!path) return;
    if (FILE* f = std::fopen(path, "w")) {
      std::fprintf(f, "modules %d launches %d barriers %d executions %d synchronizations %d allocations %d live %d\n", modules.load(), launches.load(), barriers.load(), executions.load(), synchronizations.load(), allocations.load(), live.load());
      std::fclose(f);
    }
  }
} counts;

struct Copy {
  void* to;
  const void* from;
  std::size_t bytes;
  std::vector<unsigned char> pattern;
};
using List = std::vector<Copy>;

std::mutex lock;
std::map<void*, std::size_t> memory;
std::size_t in_use = 0;

template <class T>
T handle(std::size_t n) { return reinterpret_cast<T>(n); }

}  // namespace

#define FAKE extern "C" __attribute__((visibility("default"))) ze_result_t

FAKE zeInit(ze_init_flags_t) { return options().driver ? ZE_RESULT_SUCCESS : ZE_RESULT_ERROR_UNINITIALIZED; }
FAKE zeDriverGet(uint32_t* count, ze_driver_handle_t* drivers) {
  *count = 1;
  if (drivers) *drivers = handle<ze_driver_handle_t>(1);
  return ZE_RESULT_SUCCESS;
}
FAKE zeDriverGetProperties(ze_driver_handle_t, ze_driver_properties_t* p) {
  p->driverVersion = (1u << 24) | (6u << 16) | 33578;
  return ZE_RESULT_SUCCESS;
}
FAKE zeDeviceGet(ze_driver_handle_t, uint32_t* count, ze_device_handle_t* devices) {
  *count = options().device ? 1 : 0;
  if (devices && *count) *devices = handle<ze_device_handle_t>(2);
  return ZE_RESULT_SUCCESS;
}
FAKE zeDeviceGetProperties(ze_device_handle_t, ze_device_properties_t* p) {
  p->type = ZE_DEVICE_TYPE_GPU;
  p->vendorId = 0x8086;
  std::snprintf(p->name, sizeof p->name, "Fake GPU");
  p->numSlices = options().shape[0];
  p->numSubslicesPerSlice = options().shape[1];
  p->numEUsPerSubslice = options().shape[2];
  p->numThreadsPerEU = 8;
  p->timerResolution = 1000000000;
  p->kernelTimestampValidBits = 32;
  struct Ip { ze_structure_type_t stype; const void* next; uint32_t version; };
  if (auto* ip = static_cast<Ip*>(p->pNext)) ip->version = (options().ip[0] << 22) | (options().ip[1] << 14) | options().ip[2];
  return ZE_RESULT_SUCCESS;
}
FAKE zeDeviceGetCommandQueueGroupProperties(ze_device_handle_t, uint32_t* count, ze_command_queue_group_properties_t* p) {
  *count = 1;
  if (p) p->flags = ZE_COMMAND_QUEUE_GROUP_PROPERTY_FLAG_COMPUTE;
  return ZE_RESULT_SUCCESS;
}
FAKE zeContextCreate(ze_driver_handle_t, const ze_context_desc_t*, ze_context_handle_t* c) { *c = handle<ze_context_handle_t>(3); return ZE_RESULT_SUCCESS; }
FAKE zeContextDestroy(ze_context_handle_t) { return ZE_RESULT_SUCCESS; }

namespace {
ze_result_t allocate(std::size_t bytes, bool device, void** out) {
  const std::lock_guard hold(lock);
  if (device && in_use + bytes > options().memory) return ZE_RESULT_ERROR_OUT_OF_DEVICE_MEMORY;
  *out = std::calloc(1, bytes);
  memory[*out] = device ? bytes : 0;
  if (device) in_use += bytes;
  ++counts.allocations;
  ++counts.live;
  return ZE_RESULT_SUCCESS;
}
}  // namespace
FAKE zeMemAllocDevice(ze_context_handle_t, const ze_device_mem_alloc_desc_t*, size_t bytes, size_t, ze_device_handle_t, void** out) { return allocate(bytes, true, out); }
FAKE zeMemAllocHost(ze_context_handle_t, const ze_host_mem_alloc_desc_t*, size_t bytes, size_t, void** out) { return allocate(bytes, false, out); }
FAKE zeMemFree(ze_context_handle_t, void* at) {
  const std::lock_guard hold(lock);
  in_use -= memory[at];
  memory.erase(at);
  std::free(at);
  --counts.live;
  return ZE_RESULT_SUCCESS;
}

FAKE zeModuleCreate(ze_context_handle_t, ze_device_handle_t, const ze_module_desc_t*, ze_module_handle_t* m, ze_module_build_log_handle_t*) {
  if (options().refuse) return ZE_RESULT_ERROR_INVALID_NATIVE_BINARY;
  *m = handle<ze_module_handle_t>(static_cast<std::size_t>(10 + counts.modules++));
  return ZE_RESULT_SUCCESS;
}
FAKE zeModuleDestroy(ze_module_handle_t) { return ZE_RESULT_SUCCESS; }
FAKE zeKernelCreate(ze_module_handle_t, const ze_kernel_desc_t*, ze_kernel_handle_t* k) { *k = handle<ze_kernel_handle_t>(4); return ZE_RESULT_SUCCESS; }
FAKE zeKernelDestroy(ze_kernel_handle_t) { return ZE_RESULT_SUCCESS; }
FAKE zeKernelSetGroupSize(ze_kernel_handle_t, uint32_t, uint32_t, uint32_t) { return ZE_RESULT_SUCCESS; }
FAKE zeKernelSetArgumentValue(ze_kernel_handle_t, uint32_t, size_t, const void*) { return ZE_RESULT_SUCCESS; }
FAKE zeCommandQueueCreate(ze_context_handle_t, ze_device_handle_t, const ze_command_queue_desc_t*, ze_command_queue_handle_t* q) { *q = handle<ze_command_queue_handle_t>(5); return ZE_RESULT_SUCCESS; }
FAKE zeCommandQueueDestroy(ze_command_queue_handle_t) { return ZE_RESULT_SUCCESS; }
FAKE zeCommandQueueExecuteCommandLists(ze_command_queue_handle_t, uint32_t n, ze_command_list_handle_t* lists, ze_fence_handle_t) {
  ++counts.executions;
  for (uint32_t i = 0; i < n; ++i)
    for (const Copy& c : *reinterpret_cast<List*>(lists[i])) {
      if (c.from) std::memcpy(c.to, c.from, c.bytes);
      else
        for (std::size_t b = 0; b < c.bytes; ++b) static_cast<unsigned char*>(c.to)[b] = c.pattern[b % c.pattern.size()];
    }
  return ZE_RESULT_SUCCESS;
}
FAKE zeCommandQueueSynchronize(ze_command_queue_handle_t, uint64_t) { return ++counts.synchronizations == options().lost ? ZE_RESULT_ERROR_DEVICE_LOST : ZE_RESULT_SUCCESS; }
FAKE zeCommandListCreate(ze_context_handle_t, ze_device_handle_t, const ze_command_list_desc_t* d, ze_command_list_handle_t* l) {
  if (d->flags != 0 && !options().in_order) return ZE_RESULT_ERROR_INVALID_ENUMERATION;
  *l = reinterpret_cast<ze_command_list_handle_t>(new List);
  return ZE_RESULT_SUCCESS;
}
FAKE zeCommandListDestroy(ze_command_list_handle_t l) { delete reinterpret_cast<List*>(l); return ZE_RESULT_SUCCESS; }
FAKE zeCommandListClose(ze_command_list_handle_t) { return ZE_RESULT_SUCCESS; }
FAKE zeCommandListAppendBarrier(ze_command_list_handle_t, ze_event_handle_t, uint32_t, ze_event_handle_t*) { ++counts.barriers; return ZE_RESULT_SUCCESS; }
FAKE zeCommandListAppendLaunchKernel(ze_command_list_handle_t, ze_kernel_handle_t, const ze_group_count_t*, ze_event_handle_t, uint32_t, ze_event_handle_t*) { ++counts.launches; return ZE_RESULT_SUCCESS; }
FAKE zeCommandListAppendMemoryCopy(ze_command_list_handle_t l, void* to, const void* from, size_t bytes, ze_event_handle_t, uint32_t, ze_event_handle_t*) {
  reinterpret_cast<List*>(l)->push_back({to, from, bytes, {}});
  return ZE_RESULT_SUCCESS;
}
FAKE zeCommandListAppendMemoryFill(ze_command_list_handle_t l, void* to, const void* pattern, size_t size, size_t bytes, ze_event_handle_t, uint32_t, ze_event_handle_t*) {
  const auto* p = static_cast<const unsigned char*>(pattern);
  reinterpret_cast<List*>(l)->push_back({to, nullptr, bytes, {p, p + size}});
  return ZE_RESULT_SUCCESS;
}
FAKE zeEventPoolCreate(ze_context_handle_t, const ze_event_pool_desc_t*, uint32_t, ze_device_handle_t*, ze_event_pool_handle_t* p) { *p = handle<ze_event_pool_handle_t>(6); return ZE_RESULT_SUCCESS; }
FAKE zeEventPoolDestroy(ze_event_pool_handle_t) { return ZE_RESULT_SUCCESS; }
FAKE zeEventCreate(ze_event_pool_handle_t, const ze_event_desc_t*, ze_event_handle_t* e) { *e = handle<ze_event_handle_t>(7); return ZE_RESULT_SUCCESS; }
FAKE zeEventDestroy(ze_event_handle_t) { return ZE_RESULT_SUCCESS; }
FAKE zeEventHostReset(ze_event_handle_t) { return ZE_RESULT_SUCCESS; }
FAKE zeEventQueryKernelTimestamp(ze_event_handle_t, ze_kernel_timestamp_result_t* r) {
  r->global.kernelStart = 0xFFFFFFFF;  // of 32 bits: it wraps around
  r->global.kernelEnd = 1999;
  return ZE_RESULT_SUCCESS;
}
