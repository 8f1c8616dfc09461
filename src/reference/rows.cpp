#include "reference/rows.h"

namespace xpuq::reference {

Strides row_major_strides(const Shape& shape) {
  Strides out(shape.size());
  std::int64_t stride = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    out[i] = stride;
    stride *= shape[i] == 0 ? 1 : shape[i];  // an empty tensor is never read; this keeps the product small
  }
  return out;
}

Strides broadcast_strides(const Shape& from, const Shape& to) {
  const Strides own = row_major_strides(from);
  Strides out(to.size(), 0);
  const std::size_t missing = to.size() - from.size();
  for (std::size_t i = 0; i < from.size(); ++i) out[missing + i] = from[i] == 1 ? 0 : own[i];
  return out;
}

void merge_axes(Shape& shape, std::span<Strides> strides) {
  std::size_t kept = 0;
  const auto joins = [&](std::size_t axis) {
    for (const Strides& s : strides)
      if (s[kept - 1] != s[axis] * shape[axis]) return false;
    return true;
  };
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 1) continue;
    if (kept > 0 && joins(i)) {
      shape[kept - 1] *= shape[i];
      for (Strides& s : strides) s[kept - 1] = s[i];
    } else {
      shape[kept] = shape[i];
      for (Strides& s : strides) s[kept] = s[i];
      ++kept;
    }
  }
  shape.resize(kept);
  for (Strides& s : strides) s.resize(kept);
  if (kept > 0) return;
  shape.push_back(1);
  for (Strides& s : strides) s.push_back(1);
}

}  // namespace xpuq::reference
