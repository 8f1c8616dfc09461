#include "samples/select.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "samples/splitmix.h"

namespace xpuq::samples {

std::vector<std::size_t> select_indices(std::size_t count, std::size_t n, Selection mode, std::uint64_t seed) {
  n = std::min(n, count);
  std::vector<std::size_t> out(mode == Selection::random ? count : n);
  std::iota(out.begin(), out.end(), std::size_t{0});
  if (mode == Selection::spread) {
    // i * count / n without overflow: whole = count / n, part = count % n.
    for (std::size_t i = 0; i < n; ++i) out[i] = i * (count / n) + i * (count % n) / n;
  } else if (mode == Selection::random) {
    SplitMix random(seed);
    for (std::size_t i = 0; i < n; ++i) std::swap(out[i], out[i + random.below(count - i)]);
    out.resize(n);
    std::sort(out.begin(), out.end());
  }
  return out;
}

}  // namespace xpuq::samples
