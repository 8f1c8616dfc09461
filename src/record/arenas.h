// The memory of a program while it is recorded: arenas on the device, given out piece by piece.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include <array>
#include <cstdint>
#include <optional>

#include "gpu/program.h"

namespace xpuq::record {

class Arenas {
 public:
  explicit Arenas(const dnnl::engine& engine) : engine_(engine) {}

  /// Takes device memory for an arena; to be called once for each, before the first `take` from it.
  void reserve(gpu::Arena arena, std::uint64_t bytes);
  /// The next piece of an arena, aligned; a bug when the reservation is spent.
  gpu::Range take(gpu::Arena arena, std::uint64_t bytes);
  /// Bytes taken so far: what the program needs.
  std::uint64_t taken(gpu::Arena arena) const { return state(arena).taken; }

  void* address(const gpu::Range& range) const { return state(range.arena).base + range.offset; }
  /// Arena and offset of an address; `bytes` is 0. Empty when it lies in none.
  std::optional<gpu::Range> locate(const void* at) const;

 private:
  struct State {
    dnnl::memory memory;
    std::byte* base = nullptr;
    std::uint64_t reserved = 0;
    std::uint64_t taken = 0;
  };
  const State& state(gpu::Arena arena) const { return states_[static_cast<std::size_t>(arena)]; }

  dnnl::engine engine_;
  std::array<State, gpu::kArenas> states_;
};

}  // namespace xpuq::record
