#include "runtime/level_zero/command_list.h"

#include <mutex>
#include <utility>

namespace xpuq::level_zero {
namespace {

std::byte* at(const Bases& bases, const gpu::Range& range) { return bases[static_cast<std::size_t>(range.arena)] + range.offset; }

}  // namespace

Result<CommandList> CommandList::create(ContextPtr context) {
  CommandList made(std::move(context));
  XPUQ_ASSIGN(made.list_, made.context_->create_list(made.in_order_));
  ze_command_queue_desc_t desc{};
  desc.stype = ZE_STRUCTURE_TYPE_COMMAND_QUEUE_DESC;
  desc.ordinal = made.context_->queue_ordinal();
  desc.mode = ZE_COMMAND_QUEUE_MODE_ASYNCHRONOUS;
  XPUQ_ZE(made.context_->api(), zeCommandQueueCreate, made.context_->handle(), made.context_->device(), &desc, &made.queue_);
  return made;
}

CommandList::CommandList(CommandList&& other) noexcept
    : context_(std::move(other.context_)), list_(std::exchange(other.list_, nullptr)), queue_(std::exchange(other.queue_, nullptr)), in_order_(other.in_order_) {}

CommandList::~CommandList() {
  if (list_) context_->api().zeCommandListDestroy(list_);
  if (queue_) context_->api().zeCommandQueueDestroy(queue_);
}

Result<void> CommandList::barrier() {
  if (in_order_) return {};
  XPUQ_ZE(context_->api(), zeCommandListAppendBarrier, list_, nullptr, 0, nullptr);
  return {};
}

Result<void> CommandList::copy(void* to, const void* from, std::uint64_t bytes) {
  if (bytes > 0) XPUQ_ZE(context_->api(), zeCommandListAppendMemoryCopy, list_, to, from, bytes, nullptr, 0, nullptr);
  return {};
}

Result<void> CommandList::append(const gpu::Command& command, const Kernels& kernels, const Bases& bases, std::span<const std::byte> constants,
                                 std::span<const std::uint8_t> literals, ze_event_handle_t event) {
  if (command.barrier) XPUQ_TRY(barrier());
  if (const auto* l = std::get_if<gpu::Launch>(&command.what)) return launch(*l, kernels, bases, event);
  if (const auto* f = std::get_if<gpu::Fill>(&command.what)) {
    XPUQ_ZE(context_->api(), zeCommandListAppendMemoryFill, list_, at(bases, f->to), f->pattern.data(), f->pattern.size(), f->to.bytes, event, 0, nullptr);
    return {};
  }
  if (const auto* u = std::get_if<gpu::UploadConstant>(&command.what)) return copy(at(bases, u->to), constants.data() + u->from, u->to.bytes);
  if (const auto* u = std::get_if<gpu::UploadLiteral>(&command.what)) return copy(at(bases, u->to), literals.data() + u->from, u->to.bytes);
  const auto& c = std::get<gpu::Copy>(command.what);
  XPUQ_ZE(context_->api(), zeCommandListAppendMemoryCopy, list_, at(bases, c.to), at(bases, c.from), c.to.bytes, event, 0, nullptr);
  return {};
}

Result<void> CommandList::launch(const gpu::Launch& launch, const Kernels& kernels, const Bases& bases, ze_event_handle_t event) {
  // Arguments are the kernel's until it is appended, and executables that are made at the same time share kernels.
  static std::mutex lock;
  const std::lock_guard hold(lock);
  const Api& api = context_->api();
  const ze_kernel_handle_t kernel = kernels.find(launch.module, launch.kernel);
  XPUQ_ZE(api, zeKernelSetGroupSize, kernel, launch.group_size[0], launch.group_size[1], launch.group_size[2]);
  for (std::uint32_t i = 0; i < launch.arguments.size(); ++i) {
    const gpu::Argument& a = launch.arguments[i];
    if (const auto* buffer = std::get_if<gpu::BufferArgument>(&a)) {
      void* pointer = at(bases, buffer->range);
      XPUQ_ZE(api, zeKernelSetArgumentValue, kernel, i, sizeof pointer, &pointer);
    } else if (const auto* value = std::get_if<gpu::ValueArgument>(&a)) {
      XPUQ_ZE(api, zeKernelSetArgumentValue, kernel, i, value->bytes.size(), value->bytes.data());
    } else if (const auto* local = std::get_if<gpu::LocalArgument>(&a)) {
      XPUQ_ZE(api, zeKernelSetArgumentValue, kernel, i, local->bytes, nullptr);
    } else {
      XPUQ_ZE(api, zeKernelSetArgumentValue, kernel, i, sizeof(void*), nullptr);
    }
  }
  const ze_group_count_t count{launch.group_count[0], launch.group_count[1], launch.group_count[2]};
  XPUQ_ZE(api, zeCommandListAppendLaunchKernel, list_, kernel, &count, event, 0, nullptr);
  return {};
}

Result<void> CommandList::close() {
  XPUQ_ZE(context_->api(), zeCommandListClose, list_);
  return {};
}

Result<void> CommandList::run() {
  XPUQ_ZE(context_->api(), zeCommandQueueExecuteCommandLists, queue_, 1, &list_, nullptr);
  XPUQ_ZE(context_->api(), zeCommandQueueSynchronize, queue_, UINT64_MAX);
  return {};
}

}  // namespace xpuq::level_zero
