// Commands of a program as a closed list of the driver.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "gpu/program.h"
#include "runtime/level_zero/context.h"
#include "runtime/level_zero/kernels.h"

namespace xpuq::level_zero {

/// Where the arenas of a program lie; null for those that a list does not use.
using Bases = std::array<std::byte*, gpu::kArenas>;

/// A list in the making, closed by close(); and a queue of its own to run it.
class CommandList {
 public:
  static Result<CommandList> create(ContextPtr context);
  CommandList(CommandList&& other) noexcept;
  CommandList& operator=(CommandList&&) = delete;
  ~CommandList();

  /// Appends a command. Host bytes of uploads must live until the list has run. `event`, if any, is signalled by it.
  Result<void> append(const gpu::Command& command, const Kernels& kernels, const Bases& bases, std::span<const std::byte> constants,
                      std::span<const std::uint8_t> literals, ze_event_handle_t event = nullptr);
  /// Waits for all before, where the list does not do so by itself.
  Result<void> barrier();
  Result<void> copy(void* to, const void* from, std::uint64_t bytes);
  Result<void> close();
  /// Runs the closed list and waits for its end: the one synchronization of an inference.
  Result<void> run();

 private:
  explicit CommandList(ContextPtr context) : context_(std::move(context)) {}
  Result<void> launch(const gpu::Launch& launch, const Kernels& kernels, const Bases& bases, ze_event_handle_t event);

  ContextPtr context_;
  ze_command_list_handle_t list_ = nullptr;
  ze_command_queue_handle_t queue_ = nullptr;
  bool in_order_ = false;
};

}  // namespace xpuq::level_zero
