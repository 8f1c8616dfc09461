// PyTorch's f32 sum over contiguous elements on a CPU, in its order of additions (aten/src/ATen/native/cpu/
// SumKernel.cpp; pt2e-semantics 2.4 is its case of 2,048 elements): 8 lanes, 4 accumulators each, four levels of
// partial sums. The same for every instruction set, so its bits can be relied on.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>

namespace xpuq::qmath {

/// Sum of get(0), ..., get(n - 1).
template <class Get>
float cascade_sum(std::int64_t n, const Get& get) {
  constexpr std::int64_t kLanes = 8, kAccumulators = 4, kRow = kLanes * kAccumulators;
  constexpr int kLevels = 4;
  if (n < kLanes) {  // too few for a vector: four scalars, of which the first takes the rest
    float part[kAccumulators] = {};
    const std::int64_t whole = n / kAccumulators * kAccumulators;
    for (std::int64_t i = 0; i < whole; ++i) part[i] += get(i);
    for (std::int64_t i = whole; i < n; ++i) part[0] += get(i);
    return part[0] + part[1] + part[2] + part[3];
  }
  const std::int64_t vectors = n / kLanes, rows = vectors / kAccumulators;
  const int log2_rows = rows > 1 ? static_cast<int>(std::bit_width(static_cast<std::uint64_t>(rows - 1))) : 0;
  const int power = std::max(4, log2_rows / kLevels);
  const std::int64_t step = std::int64_t{1} << power, mask = step - 1;

  float level[kLevels][kRow] = {};
  const auto add_row = [&](std::int64_t r) {
    for (std::int64_t j = 0; j < kRow; ++j) level[0][j] += get(r * kRow + j);
  };
  std::int64_t row = 0;
  while (row + step <= rows) {
    for (std::int64_t j = 0; j < step; ++j) add_row(row++);
    for (int l = 1; l < kLevels; ++l) {
      for (std::int64_t j = 0; j < kRow; ++j) level[l][j] += level[l - 1][j], level[l - 1][j] = 0.0f;
      if ((row & (mask << (l * power))) != 0) break;
    }
  }
  while (row < rows) add_row(row++);
  for (int l = 1; l < kLevels; ++l)
    for (std::int64_t j = 0; j < kRow; ++j) level[0][j] += level[l][j];

  float* lanes = level[0];
  for (std::int64_t v = rows * kAccumulators; v < vectors; ++v)
    for (std::int64_t j = 0; j < kLanes; ++j) lanes[j] += get(v * kLanes + j);
  for (std::int64_t a = 1; a < kAccumulators; ++a)
    for (std::int64_t j = 0; j < kLanes; ++j) lanes[j] += level[0][a * kLanes + j];
  float sum = 0.0f;
  for (std::int64_t i = vectors * kLanes; i < n; ++i) sum += get(i);
  for (std::int64_t j = 0; j < kLanes; ++j) sum += lanes[j];
  return sum;
}

inline float cascade_sum(std::span<const float> v) {
  return cascade_sum(static_cast<std::int64_t>(v.size()), [&](std::int64_t i) { return v[static_cast<std::size_t>(i)]; });
}

}  // namespace xpuq::qmath
