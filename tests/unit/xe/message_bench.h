// A thread that sends one message, with device memory, surfaces, local memory and scratch around it.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "one_thread.h"

namespace xe_test {

inline constexpr std::uint64_t kBuffer = 0x40000000;      ///< device address of the buffer, below 4 GiB
inline constexpr std::uint32_t kBufferBytes = 4096;
inline constexpr int kTableEntry = 3;                     ///< binding table index of the buffer
// Operands: addresses in r20, data in r60, the result in r120; bindless handles in a0.2.
inline constexpr int kAddresses = 20, kData = 60, kResult = 120, kHandleWord = 2;

struct MessageBench {
  OneThread one;
  std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(kBufferBytes);
  std::vector<std::uint8_t>& local = one.group.local;
  std::vector<std::uint8_t>& scratch = one.t->scratch;

  MessageBench(const Instruction& i, Platform platform, std::mt19937& rng) : one(i, platform) {
    local.resize(kBufferBytes);
    scratch.resize(kBufferBytes);
    for (auto* bytes : {&memory, &local, &scratch}) {
      for (auto& b : *bytes) b = static_cast<std::uint8_t>(rng());
    }
    for (int k = 0; k < 256 * one.worker.register_bytes; ++k) one.t->r[k] = static_cast<std::uint8_t>(rng());
    Window w;
    w.begin = kBuffer;
    w.end = w.readable_end = kBuffer + kBufferBytes;
    w.host = memory.data();
    one.worker.space.add(w);
    one.worker.table[kTableEntry] = 0;
    one.worker.surfaces = {{kBuffer, kBufferBytes}};
    one.worker.drop_writes = true;
    poke(one.t->r + RegisterFile::address + 4 * kHandleWord, surface_handle(0));
    poke(one.t->r + RegisterFile::flag, static_cast<std::uint32_t>(rng()));
    one.t->dispatch = one.t->active = static_cast<std::uint32_t>(rng());
  }
  std::vector<std::uint8_t> registers() const { return {one.t->r, one.t->r + 256 * one.worker.register_bytes}; }
  /// Channels that take part.
  std::uint32_t mask() const {
    const Step& s = one.code->steps[0];
    const std::uint32_t m = execution_mask(*one.t, s);
    return s.predicate == Predicate::none ? m : m & predicate_mask(*one.t, s, m);
  }
};

inline Instruction message(Unit unit, std::uint32_t descriptor, int channels, bool answer, bool data) {
  Instruction i = make(Opcode::send, channels, answer ? to(kResult, Type::ud) : null(), grf(kAddresses, Type::ud), data ? grf(kData, Type::ud) : null());
  i.send.unit = unit;
  i.send.descriptor = descriptor;
  i.send.source1_registers = data ? 1 : 0;
  return i;
}

}  // namespace xe_test
