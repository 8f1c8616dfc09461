#include "reference/copy.h"

#include <cstring>

#include "support/check.h"

namespace xpuq::reference {
namespace {

template <std::size_t Size>
void copy_row(const std::byte* src, std::int64_t from, std::byte* dst, std::int64_t to, std::int64_t count) {
  const auto bytes = static_cast<std::int64_t>(Size);
  for (std::int64_t i = 0; i < count; ++i) std::memcpy(dst + i * to * bytes, src + i * from * bytes, Size);
}

void copy_row(std::size_t size, const std::byte* src, std::int64_t from, std::byte* dst, std::int64_t to,
              std::int64_t count) {
  switch (size) {
    case 1:
      return copy_row<1>(src, from, dst, to, count);
    case 2:
      return copy_row<2>(src, from, dst, to, count);
    case 4:
      return copy_row<4>(src, from, dst, to, count);
    case 8:
      return copy_row<8>(src, from, dst, to, count);
    default:
      XPUQ_CHECK(false, "an element has 1, 2, 4 or 8 bytes");
  }
}

bool is_identity(const std::vector<std::int64_t>& map, std::int64_t size) {
  if (static_cast<std::int64_t>(map.size()) != size) return false;
  for (std::size_t i = 0; i < map.size(); ++i)
    if (map[i] != static_cast<std::int64_t>(i)) return false;
  return true;
}

}  // namespace

void copy_strided(std::size_t size, const Shape& shape, const std::byte* src, const Strides& from, std::byte* dst,
                  const Strides& to) {
  const auto bytes = static_cast<std::int64_t>(size);
  for_each_row<2>(shape, {from, to}, [&](const auto& at, const auto& step, std::int64_t count) {
    if (step[0] == 1 && step[1] == 1)
      std::memcpy(dst + at[1] * bytes, src + at[0] * bytes, static_cast<std::size_t>(count) * size);
    else copy_row(size, src + at[0] * bytes, step[0], dst + at[1] * bytes, step[1], count);
  });
}

void copy_mapped(std::size_t size, const Shape& src_shape, const std::byte* src,
                 const std::vector<std::vector<std::int64_t>>& maps, std::byte* dst) {
  std::size_t mapped = maps.size();
  std::size_t block = size;
  while (mapped > 0 && is_identity(maps[mapped - 1], src_shape[mapped - 1])) {
    --mapped;
    block *= static_cast<std::size_t>(src_shape[mapped]);
  }
  for (const auto& map : maps)
    if (map.empty()) return;
  if (mapped == 0) {
    std::memcpy(dst, src, block);
    return;
  }

  const Strides strides = row_major_strides(src_shape);
  std::vector<std::size_t> index(mapped, 0);
  for (;;) {
    std::int64_t base = 0;
    for (std::size_t i = 0; i + 1 < mapped; ++i) base += maps[i][index[i]] * strides[i];
    for (std::int64_t m : maps[mapped - 1]) {
      const std::int64_t at = base + m * strides[mapped - 1];
      std::memcpy(dst, src + at * static_cast<std::int64_t>(size), block);
      dst += block;
    }
    std::size_t axis = mapped - 1;
    for (;;) {
      if (axis == 0) return;
      --axis;
      if (++index[axis] < maps[axis].size()) break;
      index[axis] = 0;
    }
  }
}

void fill(std::size_t size, std::int64_t count, const std::byte* value, std::byte* dst) {
  copy_row(size, value, 0, dst, 1, count);
}

}  // namespace xpuq::reference
