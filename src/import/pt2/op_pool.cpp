// Pools over 1 to 3 spatial axes; one sample without a batch axis is given one.
#include <algorithm>

#include "import/pt2/operators.h"

namespace xpuq::pt2::import_op {
namespace {

/// "aten.max_pool2d_with_indices.default": the 2.
std::size_t spatial_axes(const Call& c) {
  return static_cast<std::size_t>(c.node().target[c.node().target.find("pool") + 4] - '0');
}

Result<void> pool(Call& c, std::size_t spatial, OpKind kind, Attributes attributes) {
  XPUQ_ASSIGN(ValueId v, c.tensor("self"));
  const bool single = c.rank(v) == spatial + 1;
  if (single) {
    Shape batched = c.shape(v);
    batched.insert(batched.begin(), 1);
    XPUQ_ASSIGN(v, c.reshape(v, batched));
  }
  XPUQ_ASSIGN(v, (single ? c : c.last()).emit(kind, {v}, std::move(attributes)));
  if (single) {
    const Shape& s = c.shape(v);
    XPUQ_ASSIGN(v, c.last().reshape(v, Shape(s.begin() + 1, s.end())));
  }
  if (c.result_is_read(1)) return c.unsupported("is asked for its indices");
  return c.result(v);
}

Result<Attributes> window(Call& c, std::size_t spatial) {
  XPUQ_ASSIGN(const Ints kernel, c.spatial("kernel_size", spatial));
  XPUQ_ASSIGN(Ints strides, c.integers("stride"));
  if (strides.empty()) strides = kernel;
  else { XPUQ_ASSIGN(strides, c.spatial("stride", spatial)); }
  XPUQ_ASSIGN(const Ints padding, c.spatial("padding", spatial));
  XPUQ_ASSIGN(const bool ceil_mode, c.flag("ceil_mode"));
  return Attributes{{"kernel", kernel},
                    {"strides", strides},
                    {"pads_begin", padding},
                    {"pads_end", padding},
                    {"ceil_mode", std::int64_t{ceil_mode}}};
}

}  // namespace

Result<void> max_pool(Call& c) {
  const std::size_t spatial = spatial_axes(c);
  XPUQ_ASSIGN(Attributes a, window(c, spatial));
  XPUQ_ASSIGN(const Ints dilations, c.spatial("dilation", spatial));
  return pool(c, spatial, c.kind(), a.set("dilations", dilations));
}

Result<void> avg_pool(Call& c) {
  const std::size_t spatial = spatial_axes(c);
  XPUQ_ASSIGN(Attributes a, window(c, spatial));
  XPUQ_ASSIGN(const bool include, c.flag("count_include_pad"));
  const Ints& padding = a.get_ints("pads_begin");
  const bool padded = std::any_of(padding.begin(), padding.end(), [](std::int64_t p) { return p != 0; });
  a.set("count_include_pad", std::int64_t{include && padded});
  if (c.has("divisor_override") && c.given("divisor_override")) {
    XPUQ_ASSIGN(const std::int64_t divisor, c.integer("divisor_override"));
    a.set("divisor_override", divisor);
  }
  return pool(c, spatial, c.kind(), std::move(a));
}

Result<void> adaptive_avg_pool(Call& c) {
  const std::size_t spatial = spatial_axes(c);
  XPUQ_ASSIGN(const Ints size, c.spatial("output_size", spatial));
  XPUQ_ASSIGN(const ValueId v, c.tensor("self"));
  const std::size_t first = c.rank(v) >= spatial ? c.rank(v) - spatial : 0;
  Ints kernel;
  for (std::size_t i = 0; i < spatial && first + i < c.rank(v); ++i) {
    const std::int64_t in = c.shape(v)[first + i];
    if (size[i] > 0 && in > 0 && in % size[i] == 0) kernel.push_back(in / size[i]);
  }
  const bool to_one = std::all_of(size.begin(), size.end(), [](std::int64_t s) { return s == 1; });
  if (to_one || kernel.size() != spatial) return pool(c, spatial, OpKind::adaptive_avg_pool, {{"output_size", size}});
  const Ints none(spatial, 0);
  return pool(c, spatial, OpKind::avg_pool,
              {{"kernel", kernel}, {"strides", kernel}, {"pads_begin", none}, {"pads_end", none}, {"ceil_mode", 0}, {"count_include_pad", 0}});
}

}  // namespace xpuq::pt2::import_op
