// Sizes of sliding windows: conv, conv_transpose and the pools.
#pragma once

#include <string>

#include "ops/attributes.h"
#include "xpuq/types.h"

namespace xpuq::ops {

/// The window of an operation over `kernel.size()` spatial axes; every list is as long.
struct Window {
  Ints kernel;
  Ints strides;
  Ints pads_begin;
  Ints pads_end;
  Ints dilations;
};

/// Reads strides, pads_begin, pads_end and, where the operation has them, dilations (else 1).
Window read_window(const Attributes& attributes, Ints kernel);

/// Checks list lengths and bounds: kernel, strides, dilations 1..2^30, pads 0..2^30; empty when fine. After it the
/// arithmetic below cannot overflow.
std::string window_problem(const Window& window);

/// First to last tap: d * (k - 1) + 1.
inline std::int64_t window_extent(const Window& w, std::size_t i) { return w.dilations[i] * (w.kernel[i] - 1) + 1; }

/// floor((in + pads - extent) / stride) + 1; below 1 where no window fits.
/// https://onnx.ai/onnx/operators/onnx__Conv.html
std::int64_t window_count(const Window& window, std::size_t i, std::int64_t in);

/// The same with ceil, less the window that would start after input and left padding (torch.nn.MaxPool2d, ceil_mode).
std::int64_t window_count_ceil(const Window& window, std::size_t i, std::int64_t in);

/// (in - 1) * stride - pads + extent + output_padding (torch.nn.ConvTranspose2d).
std::int64_t transposed_size(const Window& window, std::size_t i, std::int64_t in, std::int64_t output_padding);

}  // namespace xpuq::ops
