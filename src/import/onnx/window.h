// What Conv, ConvTranspose and the pools say about their windows.
#pragma once

#include "import/onnx/call.h"

namespace xpuq::onnx_import {

struct Window {
  Ints kernel, strides, dilations, begin, end;
};

/// kernel_shape, strides, dilations, pads and auto_pad over the spatial axes of input `src`, with automatic padding
/// worked out. `kernel` is that of the weights, or empty where kernel_shape must say it.
Result<Window> read_window(const Call& c, Ints kernel, std::size_t src = 0);

/// The spatial part of a shape, or an error when there is none.
Result<Ints> spatial_axes(const Call& c, std::size_t src = 0);

/// The kernel sizes of weights [a, b, kernel...], or an error when their rank is not that of the source.
Result<Ints> kernel_of_weights(const Call& c, std::size_t src = 0, std::size_t wei = 1);

/// The attributes of `conv` for a node whose source and weights are these inputs.
Result<Attributes> conv_attributes(const Call& c, std::size_t src, std::size_t wei);

/// The attributes of `avg_pool` for a node whose source is input 0.
Result<Attributes> average_pool_attributes(const Call& c);

}  // namespace xpuq::onnx_import
