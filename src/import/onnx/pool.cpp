// Pools over windows and over everything.
#include <algorithm>

#include "import/onnx/operators.h"
#include "import/onnx/window.h"

namespace xpuq::onnx_import {

Result<Outputs> max_pool(Call& c) {
  XPUQ_ASSIGN(const Window w, read_window(c, {}));
  XPUQ_ASSIGN(const bool ceil_mode, c.flag("ceil_mode", false));
  const Attributes how{{"kernel", w.kernel},
                       {"strides", w.strides},
                       {"pads_begin", w.begin},
                       {"pads_end", w.end},
                       {"dilations", w.dilations},
                       {"ceil_mode", std::int64_t{ceil_mode}}};
  const DataType type = c.dtype(0);
  if (c.builder.type(c.in(0)).quant || (type != DataType::u8 && type != DataType::s8))
    return c.result(OpKind::max_pool, {c.in(0)}, how);
  // Plain bytes: every one of them is exact in f32.
  XPUQ_ASSIGN(const ValueId real, c.cast(c.in(0), DataType::f32));
  XPUQ_ASSIGN(const ValueId largest, c.step(OpKind::max_pool, {real}, how));
  return c.result(OpKind::cast, {largest}, {{"to", std::string(to_string(type))}});
}

// ONNX leaves padding out of the divisor unless told otherwise; PyTorch's default is the other way round, and its
// exporters say so.
Result<Attributes> average_pool_attributes(const Call& c) {
  XPUQ_ASSIGN(const Window w, read_window(c, {}));
  XPUQ_ASSIGN(const bool ceil_mode, c.flag("ceil_mode", false));
  XPUQ_ASSIGN(const bool include, c.flag("count_include_pad", false));
  if (std::any_of(w.dilations.begin(), w.dilations.end(), [](std::int64_t d) { return d != 1; }))
    return c.problem("dilated average pooling is not supported", "dilations " + text(w.dilations), "1");
  const auto any = [](const Ints& pads) { return std::any_of(pads.begin(), pads.end(), [](std::int64_t p) { return p != 0; }); };
  const bool padded = any(w.begin) || any(w.end);
  return Attributes{{"kernel", w.kernel},
                    {"strides", w.strides},
                    {"pads_begin", w.begin},
                    {"pads_end", w.end},
                    {"ceil_mode", std::int64_t{ceil_mode}},
                    {"count_include_pad", std::int64_t{include && padded}}};
}

Result<Outputs> average_pool(Call& c) {
  XPUQ_ASSIGN(Attributes how, average_pool_attributes(c));
  return c.result(OpKind::avg_pool, {c.in(0)}, std::move(how));
}

Result<Outputs> global_average_pool(Call& c) {
  XPUQ_ASSIGN(const Ints axes, spatial_axes(c));
  return c.result(OpKind::adaptive_avg_pool, {c.in(0)}, {{"output_size", Ints(axes.size(), 1)}});
}

Result<Outputs> global_max_pool(Call& c) {
  XPUQ_ASSIGN(const Ints axes, spatial_axes(c));
  return c.result(OpKind::reduce_max, {c.in(0)}, {{"axes", axes}, {"keepdims", 1}});
}

}  // namespace xpuq::onnx_import
