// Which samples of a list are used (--select, -n, --seed).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xpuq::samples {

enum class Selection : std::uint8_t {
  spread,  ///< floor(i * count / n): evenly over the list, so over the classes of a sorted one
  first,   ///< 0 .. n-1
  random,  ///< n of them without repetition, drawn by a generator of our own from the seed
};

/// At most n of the indices 0..count-1, ascending; all of them when n >= count.
std::vector<std::size_t> select_indices(std::size_t count, std::size_t n, Selection mode, std::uint64_t seed);

}  // namespace xpuq::samples
