#include "opencl/window.h"

#include <algorithm>

#include "opencl/c_type.h"
#include "opencl/number.h"

namespace xpuq::opencl {

Triple triple(const Ints& values, std::int64_t fill, std::size_t first) {
  Triple out{fill, fill, fill};
  if (values.size() > first) std::copy(values.begin() + static_cast<std::ptrdiff_t>(first), values.end(), out.end() - static_cast<std::ptrdiff_t>(values.size() - first));
  return out;
}

Picture picture(const PlanValue& value) {
  const Shape& shape = value.type.shape;
  const Ints strides = strides_of(value);
  return {triple(shape, 1, 2), triple(strides, 0, 2), strides[0], strides[1], shape[0], shape[1], strides[1] == 1};
}

void begin_outputs(KernelText& text, const Picture& dst, std::int64_t lanes, const std::array<std::string, 3>& spatial) {
  const std::int64_t blocks = dst.channels / lanes;
  std::vector<std::int64_t> sizes{dst.images};
  std::vector<std::string> names{"n"};
  const auto add_channels = [&] {
    sizes.push_back(blocks);
    names.push_back(lanes == 1 ? "c" : "block");
  };
  if (!dst.channels_last) add_channels();
  for (std::size_t i = 0; i < 3; ++i) {
    sizes.push_back(dst.size[i]);
    names.push_back(spatial[i]);
  }
  if (dst.channels_last) add_channels();
  text.begin({.items = element_count(sizes)});
  text.decode("item", sizes, names);
  if (lanes != 1) text.line("const " + text.index_type() + " c = block * " + opencl::text(lanes) + ";");
}

std::string address(const Picture& p, const std::string& n, const std::string& c, const std::array<std::string, 3>& at) {
  std::string out;
  const auto add = [&](std::int64_t size, const std::string& index, std::int64_t stride) {
    if (size == 1) return;
    out += (out.empty() ? "" : " + ") + index + (stride == 1 ? "" : " * " + text(stride));
  };
  add(p.images, n, p.batch);
  add(p.channels, c, p.channel);
  for (std::size_t i = 0; i < 3; ++i) add(p.size[i], at[i], p.spatial[i]);
  return out.empty() ? "0" : out;
}

}  // namespace xpuq::opencl
