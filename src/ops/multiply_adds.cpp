#include "ops/multiply_adds.h"

#include <algorithm>

namespace xpuq {

std::uint64_t multiply_adds(OpKind op, const Shape& src, const Shape& wei, const Shape& dst) {
  const auto count = [](const Shape& shape) { return static_cast<std::uint64_t>(element_count(shape)); };
  const std::uint64_t kernel = wei.empty() ? 0 : count(wei) / static_cast<std::uint64_t>(std::max<std::int64_t>(wei[0], 1));
  switch (op) {
    case OpKind::conv: return count(dst) * kernel;
    case OpKind::conv_transpose: return count(src) * kernel;
    case OpKind::linear:
    case OpKind::matmul: return src.empty() ? 0 : count(dst) * static_cast<std::uint64_t>(src.back());
    default: return 0;
  }
}

}  // namespace xpuq
