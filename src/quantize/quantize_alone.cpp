#include "quantize/quantize_alone.h"

#include <algorithm>

#include "ir/rewriter.h"
#include "quantize/fitted_weights.h"

namespace xpuq {
namespace {

const Attributes kToFloat{{"to", std::string("f32")}};

Result<ValueId> quantize_pair(Rewriter& rw, const Graph& g, NodeId before, ValueId v, const Quantization& quantization) {
  const std::string& name = g.value(v).name;
  XPUQ_ASSIGN(const qmath::TensorQuant q, choose_group_qparams(quantization, {name}, qmath::Scheme::affine));
  const ValueId codes = rw.insert_before(before, OpKind::quantize, {v}, {{"scales", Floats{q.scale}}, {"zero_points", Ints{q.zero_point}}, {"type", std::string("s8")}}, name + ".q", {});
  return rw.insert_before(before, OpKind::dequantize, {codes}, kToFloat, name + ".dq", {});
}

}  // namespace

std::vector<NodeId> quantizable_layers(const Graph& g, const Profile& profile) {
  std::vector<NodeId> layers;
  for (NodeId n : g.order()) {
    const Node& node = g.node(n);
    if (node.op != OpKind::conv && node.op != OpKind::linear) continue;
    const Value& wei = g.input_of(n, 1);
    if (wei.is_constant() && wei.type.dtype == DataType::f32 && profile.find(g.input_of(n, 0).name)) layers.push_back(n);
  }
  return layers;
}

Result<Graph> quantize_value_alone(const Graph& normalized, ValueId value, const Quantization& quantization) {
  Graph g = normalized.clone();
  Rewriter rw(g);
  const std::vector<Use> readers(g.uses(value).begin(), g.uses(value).end());
  NodeId first = NodeId::none;
  for (NodeId n : g.order()) {
    const auto& in = g.node(n).inputs;
    if (first == NodeId::none && std::find(in.begin(), in.end(), value) != in.end()) first = n;
  }
  XPUQ_ASSIGN(const ValueId dq, quantize_pair(rw, g, first, value, quantization));
  for (const Use& use : readers) rw.replace_input(use.node, use.index, dq);
  rw.commit();
  return g;
}

Result<Graph> quantize_layer_alone(const Graph& normalized, NodeId layer, const Quantization& quantization) {
  Graph g = normalized.clone();
  Rewriter rw(g);
  const Node node = g.node(layer);
  XPUQ_ASSIGN(const qmath::QuantizedWeights quantized, quantize_layer_weights(g, layer, quantization.recipe, quantization.fitting));
  const ValueId twin = rw.insert_before(layer, node.op, node.inputs, node.attributes, g.output_of(layer).name + ".float", {});
  XPUQ_ASSIGN(const ValueId src, quantize_pair(rw, g, layer, node.inputs[0], quantization));
  const ValueId codes = rw.add_constant(g.value(node.inputs[1]).name + ".s8", Tensor::of<std::int8_t>(DataType::s8, g.value(node.inputs[1]).type.shape, quantized.codes), quantized.quant);
  rw.replace_input(layer, 0, src);
  rw.replace_input(layer, 1, rw.insert_before(layer, OpKind::dequantize, {codes}, kToFloat, "", {}));
  rw.add_output(node.outputs[0]);
  rw.add_output(twin);
  rw.commit();
  return g;
}

}  // namespace xpuq
