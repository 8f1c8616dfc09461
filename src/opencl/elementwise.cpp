#include "opencl/elementwise.h"

#include "opencl/c_type.h"
#include "opencl/number.h"

namespace xpuq::opencl {

std::size_t innermost_axis(const PlanValue& value) {
  return lies_plain(value) ? (value.type.shape.empty() ? 0 : value.type.shape.size() - 1) : 1;
}

std::vector<std::string> coordinate_names(std::size_t rank) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < rank; ++i) out.push_back("o" + std::to_string(i));
  return out;
}

void begin_elements(KernelText& text, const PlanValue& dst, std::int64_t lanes) {
  const Shape& shape = dst.type.shape;
  std::vector<std::int64_t> sizes;
  std::vector<std::string> names;
  const auto add = [&](std::size_t i) {
    sizes.push_back(shape[i]);
    names.push_back("o" + std::to_string(i));
  };
  const bool last = !lies_plain(dst);
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (i != 1 || !last) add(i);
  if (last) add(1);
  if (dst.type.elements() >= std::int64_t{1} << 31) text.use_wide_indices();
  const std::string innermost = names.empty() ? "" : names.back();
  if (lanes > 1) {
    sizes.back() /= lanes;
    names.back() = "block";
  }
  text.begin({.items = dst.type.elements() / lanes});
  text.decode("item", sizes, names);
  if (lanes > 1) text.line("const " + text.index_type() + " " + innermost + " = block * " + opencl::text(lanes) + ";");
  text.line("const " + text.index_type() + " to = (" + text.index_type() + ")item" + (lanes > 1 ? " * " + opencl::text(lanes) : "") + ";");
}

std::string address(const PlanValue& value, const std::vector<std::string>& at) {
  const std::vector<std::int64_t> strides = strides_of(value);
  std::string out;
  for (std::size_t i = 0; i < strides.size(); ++i) {
    if (value.type.shape[i] == 1) continue;
    out += (out.empty() ? "" : " + ") + at[i] + (strides[i] == 1 ? "" : " * " + text(strides[i]));
  }
  return out.empty() ? "0" : out;
}

}  // namespace xpuq::opencl
