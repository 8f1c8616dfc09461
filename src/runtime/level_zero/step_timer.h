// Time per step, from the device's own time stamps.
#pragma once

#include <memory>
#include <vector>

#include "gpu/program.h"
#include "runtime/engine.h"
#include "runtime/level_zero/context.h"

namespace xpuq::level_zero {

class StepTimer {
 public:
  /// An event for every command.
  static Result<std::unique_ptr<StepTimer>> create(ContextPtr context, const std::vector<gpu::Command>& commands);
  ~StepTimer();

  ze_event_handle_t event(std::size_t command) const { return events_[command]; }
  /// After a run: adds the time of each command to its step, and makes the events ready for the next.
  Result<void> collect(const std::vector<gpu::Command>& commands, std::vector<StepInfo>& infos);

 private:
  explicit StepTimer(ContextPtr context) : context_(std::move(context)) {}

  ContextPtr context_;
  ze_event_pool_handle_t pool_ = nullptr;
  std::vector<ze_event_handle_t> events_;
};

}  // namespace xpuq::level_zero
