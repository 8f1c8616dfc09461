#include "import/onnx/window.h"

#include <algorithm>

namespace xpuq::onnx_import {
namespace {

/// SAME: as many outputs as strides fit into the input; the odd element of padding goes to the end (UPPER) or begin.
void pad_same(Window& w, const Ints& sizes, bool upper) {
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::int64_t count = (sizes[i] + w.strides[i] - 1) / w.strides[i];
    const std::int64_t extent = (w.kernel[i] - 1) * w.dilations[i] + 1;
    const std::int64_t total = std::max<std::int64_t>(0, (count - 1) * w.strides[i] + extent - sizes[i]);
    w.begin[i] = upper ? total / 2 : total - total / 2;
    w.end[i] = total - w.begin[i];
  }
}

}  // namespace

Result<Ints> spatial_axes(const Call& c, std::size_t src) {
  const Shape shape = c.shape(src);
  if (shape.size() < 3)
    return c.problem("input " + std::to_string(src) + " has no spatial axes", to_string(shape), "rank 3 or more");
  Ints out;
  for (std::size_t i = 2; i < shape.size(); ++i) out.push_back(static_cast<std::int64_t>(i));
  return out;
}

Result<Ints> kernel_of_weights(const Call& c, std::size_t src, std::size_t wei) {
  XPUQ_TRY(spatial_axes(c, src));
  const Shape shape = c.shape(wei);
  if (shape.size() != c.shape(src).size())
    return c.problem("the weights have another rank than the input", to_string(shape),
                     "rank " + std::to_string(c.rank(src)));
  return Ints(shape.begin() + 2, shape.end());
}

Result<Attributes> conv_attributes(const Call& c, std::size_t src, std::size_t wei) {
  XPUQ_ASSIGN(Ints kernel, kernel_of_weights(c, src, wei));
  XPUQ_ASSIGN(const Window w, read_window(c, std::move(kernel), src));
  return Attributes{{"strides", w.strides},
                    {"pads_begin", w.begin},
                    {"pads_end", w.end},
                    {"dilations", w.dilations},
                    {"groups", c.int_or("group", 1)}};
}

Result<Window> read_window(const Call& c, Ints kernel, std::size_t source) {
  XPUQ_ASSIGN(const Ints axes, spatial_axes(c, source));
  const Shape src = c.shape(source);
  const Ints sizes(src.begin() + 2, src.end());
  const std::size_t n = axes.size();
  Window w;
  if (kernel.empty() && !c.has_attribute("kernel_shape")) return c.problem("attribute 'kernel_shape' is missing");
  XPUQ_ASSIGN(w.kernel, c.list("kernel_shape", n, 1, 1));
  if (!kernel.empty() && c.has_attribute("kernel_shape") && w.kernel != kernel)
    return c.problem("kernel_shape does not fit the weights", text(w.kernel), text(kernel));
  if (!kernel.empty()) w.kernel = std::move(kernel);
  XPUQ_ASSIGN(w.strides, c.list("strides", n, 1, 1));
  XPUQ_ASSIGN(w.dilations, c.list("dilations", n, 1, 1));
  XPUQ_ASSIGN(const Ints pads, c.list("pads", 2 * n, 0, 0));
  const auto half = pads.begin() + static_cast<std::ptrdiff_t>(n);
  w.begin.assign(pads.begin(), half);
  w.end.assign(half, pads.end());

  const std::string automatic = c.string_or("auto_pad", "NOTSET");
  if (automatic == "NOTSET" || automatic.empty()) return w;
  if (automatic != "SAME_UPPER" && automatic != "SAME_LOWER" && automatic != "VALID")
    return c.problem("attribute 'auto_pad' is not known", automatic, "NOTSET, SAME_UPPER, SAME_LOWER or VALID");
  if (std::any_of(pads.begin(), pads.end(), [](std::int64_t p) { return p != 0; }))
    return c.problem("pads and auto_pad contradict each other", text(pads) + " with " + automatic, "one of the two");
  if (std::any_of(w.kernel.begin(), w.kernel.end(), [](std::int64_t k) { return k < 1 || k > (1 << 30); }))
    return c.problem("the kernel has an impossible size", text(w.kernel), "1..2^30");
  if (automatic != "VALID") pad_same(w, sizes, automatic == "SAME_UPPER");
  return w;
}

}  // namespace xpuq::onnx_import
