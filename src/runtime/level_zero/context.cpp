#include "runtime/level_zero/context.h"

#include <vector>

#include "gpu/program.h"
#include "runtime/level_zero/ip_version.h"

namespace xpuq::level_zero {
namespace {

/// ZE_COMMAND_LIST_FLAG_IN_ORDER, which headers before 1.9 do not declare.
constexpr ze_command_list_flags_t kInOrder = 1u << 3;
constexpr std::size_t kPage = 65536;

std::string version_text(std::uint32_t v) {
  return std::to_string(v >> 24) + "." + std::to_string((v >> 16) & 0xFF) + "." + std::to_string(v & 0xFFFF);
}

}  // namespace

Result<ContextPtr> Context::create(const Api& api, ze_driver_handle_t driver, ze_device_handle_t device) {
  std::shared_ptr<Context> c(new Context(api, device));
  XPUQ_TRY(c->read_properties(driver));
  ze_context_desc_t desc{};
  desc.stype = ZE_STRUCTURE_TYPE_CONTEXT_DESC;
  XPUQ_ZE(api, zeContextCreate, driver, &desc, &c->context_);
  return ContextPtr(std::move(c));
}

Context::~Context() {
  if (context_) api_.zeContextDestroy(context_);
}

Result<void> Context::read_properties(ze_driver_handle_t driver) {
  ze_driver_properties_t of_driver{};
  of_driver.stype = ZE_STRUCTURE_TYPE_DRIVER_PROPERTIES;
  XPUQ_ZE(api_, zeDriverGetProperties, driver, &of_driver);
  driver_version_ = version_text(of_driver.driverVersion);
  IpVersion ip;
  ze_device_properties_t p{};
  p.stype = ZE_STRUCTURE_TYPE_DEVICE_PROPERTIES_1_2;  // timerResolution in Hz
  p.pNext = &ip;
  XPUQ_ZE(api_, zeDeviceGetProperties, device_, &p);
  name_ = p.name;
  timer_hz_ = p.timerResolution;
  if (p.kernelTimestampValidBits > 0 && p.kernelTimestampValidBits < 64) timer_mask_ = (std::uint64_t{1} << p.kernelTimestampValidBits) - 1;
  key_ = {ip.ip_version, p.numSlices, p.numSubslicesPerSlice, p.numEUsPerSubslice, p.numThreadsPerEU};
  std::uint32_t count = 0;
  XPUQ_ZE(api_, zeDeviceGetCommandQueueGroupProperties, device_, &count, nullptr);
  std::vector<ze_command_queue_group_properties_t> groups(count);
  for (auto& g : groups) g.stype = ZE_STRUCTURE_TYPE_COMMAND_QUEUE_GROUP_PROPERTIES;
  XPUQ_ZE(api_, zeDeviceGetCommandQueueGroupProperties, device_, &count, groups.data());
  for (std::uint32_t i = 0; i < count; ++i)
    if (groups[i].flags & ZE_COMMAND_QUEUE_GROUP_PROPERTY_FLAG_COMPUTE) {
      ordinal_ = i;
      break;
    }
  return {};
}

Result<ze_command_list_handle_t> Context::create_list(bool& in_order) const {
  ze_command_list_desc_t desc{};
  desc.stype = ZE_STRUCTURE_TYPE_COMMAND_LIST_DESC;
  desc.commandQueueGroupOrdinal = ordinal_;
  desc.flags = kInOrder;
  ze_command_list_handle_t list = nullptr;
  in_order = api_.zeCommandListCreate(context_, device_, &desc, &list) == ZE_RESULT_SUCCESS;
  if (in_order) return list;
  desc.flags = 0;
  XPUQ_ZE(api_, zeCommandListCreate, context_, device_, &desc, &list);
  return list;
}

Result<Memory> Memory::allocate(ContextPtr context, Kind kind, std::uint64_t bytes) {
  Memory memory;
  if (bytes == 0) return memory;
  void* at = nullptr;
  if (kind == Kind::device) {
    ze_device_mem_alloc_desc_t desc{};
    desc.stype = ZE_STRUCTURE_TYPE_DEVICE_MEM_ALLOC_DESC;
    XPUQ_ZE(context->api(), zeMemAllocDevice, context->handle(), &desc, bytes, kPage, context->device(), &at);
  } else {
    ze_host_mem_alloc_desc_t desc{};
    desc.stype = ZE_STRUCTURE_TYPE_HOST_MEM_ALLOC_DESC;
    XPUQ_ZE(context->api(), zeMemAllocHost, context->handle(), &desc, bytes, kPage, &at);
  }
  memory.at_ = static_cast<std::byte*>(at);
  memory.context_ = std::move(context);
  return memory;
}

Memory::~Memory() {
  if (at_) context_->api().zeMemFree(context_->handle(), at_);
}

}  // namespace xpuq::level_zero
