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

  std::uint8_t* destination() const { return thread.r + step.destination.base; }
  const std::uint8_t* address() const { return thread.r + step.source[0].base; }
  const std::uint8_t* data() const { return thread.r + step.source[1].base; }
  /// Whether `bytes` from a register on exist; else the thread fails.
  bool fits(std::uint32_t base, std::uint64_t bytes) const;
  void unknown(const char* what) const;
  /// Bytes of the device; null after a failure.
  const std::uint8_t* read(std::uint64_t at, std::uint64_t bytes) const;
  std::uint8_t* write(std::uint64_t at, std::uint64_t bytes) const;
};

/// The load/store unit (Xe-HPG on): ugm and slm.
void load_store(const Message& m);
/// Rectangles of a surface (Xe-HPC on).
void block_2d(const Message& m);
/// The data ports before it: dc0, dc1.
void data_port(const Message& m);

}  // namespace xpuq::xe
