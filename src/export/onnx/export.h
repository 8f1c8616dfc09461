// A graph as an ONNX model: with quantize/dequantize pairs in it, a QDQ model as ONNX Runtime and OpenVINO take it.
#pragma once

#include <string>

#include "ir/graph.h"
#include "xpuq/result.h"

namespace xpuq::onnx_export {

/// Opset of what is written: old enough for every runtime (OpenVINO 2026.4 refuses AveragePool-19, the optimizer of ONNX
/// Runtime 1.32 stumbles over its own QuantizeLinear-21), new enough for LayerNormalization and per-axis quantization.
inline constexpr int kOpset = 18;

/// The serialized model. `graph` is one before the fusing passes (no post-ops, tables or layouts); values keep their names,
/// and equal graphs give equal bytes. E309 names a node that ONNX has no form for, or a model above protobuf's 2 GiB.
Result<std::string> to_onnx(const Graph& graph, const std::string& name);

}  // namespace xpuq::onnx_export
