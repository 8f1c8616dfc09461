// Conv and ConvTranspose.
#include <algorithm>

#include "import/onnx/operators.h"
#include "import/onnx/window.h"

namespace xpuq::onnx_import {
namespace {

std::vector<ValueId> operands(const Call& c) {
  std::vector<ValueId> out{c.in(0), c.in(1)};
  if (c.has(2)) out.push_back(c.in(2));
  return out;
}

/// output_shape (or SAME, which asks for input * stride) decides the padding; what is missing without any padding is
/// output_padding.
Result<void> pad_for_output(const Call& c, Window& w, Ints& output_padding) {
  const std::string automatic = c.string_or("auto_pad", "NOTSET");
  const bool same = automatic == "SAME_UPPER" || automatic == "SAME_LOWER";
  if (!c.has_attribute("output_shape") && !same) return {};
  const std::size_t n = w.kernel.size();
  const Shape src = c.shape(0);
  for (std::size_t i = 2; i < src.size(); ++i)
    if (src[i] > (1 << 30))
      return c.problem("the input is too large", to_string(src), "at most 2^30 on a spatial axis");
  Ints wanted = c.ints("output_shape");
  if (wanted.size() == n + 2) wanted.erase(wanted.begin(), wanted.begin() + 2);  // batch and channels, as some write it
  if (!c.has_attribute("output_shape"))
    for (std::size_t i = 0; i < n; ++i) wanted.push_back(src[i + 2] * w.strides[i]);
  if (wanted.size() != n)
    return c.problem("attribute 'output_shape' has the wrong number of entries", text(wanted),
                     std::to_string(n) + " integers");
  for (std::size_t i = 0; i < n; ++i) {
    const std::int64_t natural =
        w.strides[i] * (src[i + 2] - 1) + output_padding[i] + (w.kernel[i] - 1) * w.dilations[i] + 1;
    if (wanted[i] < 0 || wanted[i] > natural + w.strides[i])
      return c.problem("the output cannot have that shape", text(wanted),
                       "at most " + std::to_string(natural + w.strides[i]) + " on spatial axis " + std::to_string(i));
    const std::int64_t total = std::max<std::int64_t>(0, natural - wanted[i]);
    output_padding[i] += total - (natural - wanted[i]);
    w.begin[i] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
    w.end[i] = total - w.begin[i];
  }
  return {};
}

}  // namespace

Result<Outputs> conv(Call& c) {
  XPUQ_ASSIGN(Attributes how, conv_attributes(c, 0, 1));
  return c.result(OpKind::conv, operands(c), std::move(how));
}

Result<Outputs> conv_transpose(Call& c) {
  XPUQ_ASSIGN(Ints kernel, kernel_of_weights(c));
  XPUQ_ASSIGN(Window w, read_window(c, kernel));
  for (std::int64_t k : kernel)
    if (k > (1 << 30)) return c.problem("the kernel has an impossible size", text(kernel), "1..2^30");
  XPUQ_ASSIGN(Ints output_padding, c.list("output_padding", kernel.size(), 0, 0));
  XPUQ_TRY(pad_for_output(c, w, output_padding));
  return c.result(OpKind::conv_transpose, operands(c),
                  {{"strides", w.strides},
                   {"pads_begin", w.begin},
                   {"pads_end", w.end},
                   {"dilations", w.dilations},
                   {"output_padding", output_padding},
                   {"groups", c.int_or("group", 1)}});
}

}  // namespace xpuq::onnx_import
