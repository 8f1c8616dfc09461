// Messages to memory, local memory and the gateway. Internal.
#pragma once

#include <cstdint>

#include "xe/thread.h"

namespace xpuq::xe {

/// One message on its way: operands and the channels that take part.
struct Message {
  Thread& thread;
  const Step& step;
  std::uint32_t mask;        ///< channels
  std::uint32_t descriptor;
  std::uint32_t extended;
  // What the message sends: registers one behind the other.
  const std::uint8_t* address = nullptr;
  std::uint64_t address_bytes = 0;
  const std::uint8_t* data = nullptr;
  std::uint64_t data_bytes = 0;

  std::uint8_t* destination() const { return thread.r + step.destination.base; }
  /// Whether the destination's registers exist for so many bytes; else the thread fails.
  bool fits_destination(std::uint64_t bytes) const {
    if (!step.destination.none && step.destination.base + bytes <= 256u * static_cast<std::uint32_t>(thread.worker->register_bytes)) return true;
    return refuse("a message's destination reaches past the last register");
  }
  /// Whether so many bytes of addresses are sent. Data that comes in the same operand begins at the next register.
  bool fits_address(std::uint64_t bytes) {
    if (bytes > address_bytes) return refuse("a message sends too few addresses");
    if (step.send.gathers) [[unlikely]] split_gathered(bytes);
    return true;
  }
  bool fits_data(std::uint64_t bytes) const { return bytes <= data_bytes || refuse("a message sends too little data"); }
  void unknown(const char* what) const;
  /// Bytes of the device; null after a failure.
  const std::uint8_t* read(std::uint64_t at, std::uint64_t bytes) const {
    const std::uint8_t* p = thread.worker->space.read(at, bytes);
    if (!p) [[unlikely]] outside("a read outside memory", at, bytes);
    return p;
  }
  std::uint8_t* write(std::uint64_t at, std::uint64_t bytes) const {
    std::uint8_t* p = thread.worker->space.write(at, bytes);
    if (!p) [[unlikely]] outside("a write outside memory", at, bytes);
    return p;
  }

 private:
  /// Fails the thread; false.
  bool refuse(const char* why) const;
  void outside(const char* what, std::uint64_t at, std::uint64_t bytes) const;
  void split_gathered(std::uint64_t address_used);
};

/// The load/store unit (Xe-HPG on): ugm and slm.
void load_store(Message& m);
/// Rectangles of a surface (Xe-HPC on).
void block_2d(Message& m);
/// The data ports before it: dc0, dc1.
void data_port(Message& m);

}  // namespace xpuq::xe
