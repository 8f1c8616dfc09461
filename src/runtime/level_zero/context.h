// One device: its context and queues, and memory that frees itself.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "gpu/device_key.h"
#include "runtime/level_zero/api.h"

namespace xpuq::level_zero {

class Context {
 public:
  static Result<std::shared_ptr<const Context>> create(const Api& api, ze_driver_handle_t driver, ze_device_handle_t device);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  const Api& api() const { return api_; }
  ze_context_handle_t handle() const { return context_; }
  ze_device_handle_t device() const { return device_; }
  const std::string& name() const { return name_; }
  const std::string& driver_version() const { return driver_version_; }
  const gpu::DeviceKey& key() const { return key_; }
  std::uint64_t timer_frequency() const { return timer_hz_; }
  /// Bits of a kernel's time stamp that count; on some devices 32, which wrap around after minutes.
  std::uint64_t timer_mask() const { return timer_mask_; }
  std::uint32_t queue_ordinal() const { return ordinal_; }

  /// A list whose commands wait for each other by themselves, where the driver has that; `in_order` tells.
  Result<ze_command_list_handle_t> create_list(bool& in_order) const;

 private:
  Context(const Api& api, ze_device_handle_t device) : api_(api), device_(device) {}
  Result<void> read_properties(ze_driver_handle_t driver);

  const Api& api_;
  ze_device_handle_t device_;
  ze_context_handle_t context_ = nullptr;
  std::string name_, driver_version_;
  gpu::DeviceKey key_;
  std::uint64_t timer_hz_ = 0, timer_mask_ = ~std::uint64_t{0};
  std::uint32_t ordinal_ = 0;
};
using ContextPtr = std::shared_ptr<const Context>;

/// Device or host memory of a context.
class Memory {
 public:
  enum class Kind { device, host };
  static Result<Memory> allocate(ContextPtr context, Kind kind, std::uint64_t bytes);
  Memory() = default;
  Memory(Memory&& other) noexcept : context_(std::move(other.context_)), at_(std::exchange(other.at_, nullptr)) {}
  Memory& operator=(Memory&& other) noexcept {
    std::swap(context_, other.context_);
    std::swap(at_, other.at_);
    return *this;
  }
  ~Memory();

  std::byte* data() const { return at_; }

 private:
  ContextPtr context_;
  std::byte* at_ = nullptr;
};

}  // namespace xpuq::level_zero
