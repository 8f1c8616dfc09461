// One value or one layer of a float graph in int8, all else in float: what a signal-to-noise ratio is measured on.
#pragma once

#include "ir/graph.h"
#include "quantize/quantization.h"
#include "xpuq/result.h"

namespace xpuq {

/// The layers that a recipe may turn to int8: convolution and linear with a constant f32 weight and a measured source.
std::vector<NodeId> quantizable_layers(const Graph& normalized, const Profile& profile);

///   v -> readers   ==>   v -> quantize -> dequantize -> readers      all readers; a model output stays float
/// E407 or E405 as choose_group_qparams().
Result<Graph> quantize_value_alone(const Graph& normalized, ValueId value, const Quantization& quantization);

///   conv(x, w)     ==>   conv(dequantize(quantize(x)), dequantize(s8 w)), and beside it conv(x, w)
/// Two outputs are added: the layer's result so, and the float one. Errors as above; E306 for a weight.
Result<Graph> quantize_layer_alone(const Graph& normalized, NodeId layer, const Quantization& quantization);

}  // namespace xpuq
