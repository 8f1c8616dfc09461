#include "reference/spatial.h"

#include <algorithm>

namespace xpuq::reference {

Triple as_triple(const std::int64_t* first, const std::int64_t* last, std::int64_t fill) {
  Triple out{fill, fill, fill};
  std::copy(first, last, out.end() - (last - first));
  return out;
}

Spatial read_spatial(const Attributes& a, const Shape& src, const Shape& dst, const Ints& kernel) {
  const auto list = [](const Ints& v, std::int64_t fill) { return as_triple(v.data(), v.data() + v.size(), fill); };
  return {as_triple(src.data() + 2, src.data() + src.size(), 1),
          as_triple(dst.data() + 2, dst.data() + dst.size(), 1),
          list(kernel, 1),
          list(a.get_ints("strides"), 1),
          list(a.get_ints("pads_begin"), 0),
          list(a.get_ints("dilations"), 1)};
}

Range range_inside(std::int64_t step, std::int64_t least, std::int64_t count, std::int64_t limit) {
  const auto first_at_least = [&](std::int64_t v) { return v <= 0 ? 0 : (v + step - 1) / step; };
  return {std::min(count, first_at_least(least)), std::min(count, first_at_least(least + limit))};
}

}  // namespace xpuq::reference
