// Buffers for packed weights and scratch: aligned to a cache line, large ones to the pages that the processor maps with
// one entry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xpuq::cpu {

inline constexpr std::size_t kLine = 64;

constexpr std::size_t round_up(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/// At least `bytes`; throws std::bad_alloc. From kHugeFrom bytes on it asks for huge pages (Linux): weights are read once
/// from end to end, and with small pages looking addresses up takes a quarter of that time.
void* allocate_lines(std::size_t bytes);
void free_lines(void* at, std::size_t bytes);
inline constexpr std::size_t kHugeFrom = std::size_t{1} << 20;

template <class T>
struct LineAllocator {
  using value_type = T;
  LineAllocator() = default;
  template <class U>
  LineAllocator(const LineAllocator<U>&) {}
  T* allocate(std::size_t count) { return static_cast<T*>(allocate_lines(count * sizeof(T))); }
  void deallocate(T* at, std::size_t count) { free_lines(at, count * sizeof(T)); }
  bool operator==(const LineAllocator&) const { return true; }
};

template <class T>
using AlignedVector = std::vector<T, LineAllocator<T>>;

}  // namespace xpuq::cpu
