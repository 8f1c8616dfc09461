#include "runtime/level_zero/step_timer.h"

namespace xpuq::level_zero {

Result<std::unique_ptr<StepTimer>> StepTimer::create(ContextPtr context, const std::vector<gpu::Command>& commands) {
  std::unique_ptr<StepTimer> timer(new StepTimer(std::move(context)));
  const Context& c = *timer->context_;
  ze_event_pool_desc_t pool{};
  pool.stype = ZE_STRUCTURE_TYPE_EVENT_POOL_DESC;
  pool.flags = ZE_EVENT_POOL_FLAG_KERNEL_TIMESTAMP | ZE_EVENT_POOL_FLAG_HOST_VISIBLE;
  pool.count = static_cast<std::uint32_t>(commands.size());
  if (pool.count == 0) return timer;  // no driver makes an empty pool
  ze_device_handle_t device = c.device();
  XPUQ_ZE(c.api(), zeEventPoolCreate, c.handle(), &pool, 1, &device, &timer->pool_);
  for (std::uint32_t i = 0; i < pool.count; ++i) {
    ze_event_desc_t desc{};
    desc.stype = ZE_STRUCTURE_TYPE_EVENT_DESC;
    desc.index = i;
    XPUQ_ZE(c.api(), zeEventCreate, timer->pool_, &desc, &timer->events_.emplace_back());
  }
  return timer;
}

StepTimer::~StepTimer() {
  for (ze_event_handle_t event : events_)
    if (event) context_->api().zeEventDestroy(event);
  if (pool_) context_->api().zeEventPoolDestroy(pool_);
}

Result<void> StepTimer::collect(const std::vector<gpu::Command>& commands, std::vector<StepInfo>& infos) {
  const double tick = context_->timer_frequency() > 0 ? 1.0 / static_cast<double>(context_->timer_frequency()) : 0;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    ze_kernel_timestamp_result_t stamp{};
    const ze_result_t status = context_->api().zeEventQueryKernelTimestamp(events_[i], &stamp);
    if (status == ZE_RESULT_NOT_READY) continue;  // a simulated device, which has no clock
    if (status != ZE_RESULT_SUCCESS) return failure("zeEventQueryKernelTimestamp", status);
    StepInfo& info = infos[commands[i].step];
    // The counter may wrap around between the two.
    info.seconds += static_cast<double>((stamp.global.kernelEnd - stamp.global.kernelStart) & context_->timer_mask()) * tick;
    if (i == 0 || commands[i - 1].step != commands[i].step) ++info.runs;
    XPUQ_ZE(context_->api(), zeEventHostReset, events_[i]);
  }
  return {};
}

}  // namespace xpuq::level_zero
