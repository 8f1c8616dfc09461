#include "export/onnx/export.h"

#include <limits>

#include "export/onnx/writer.h"

namespace xpuq::onnx_export {
namespace {

void describe(onnx::ValueInfoProto& info, const Value& value) {
  info.set_name(value.name);
  onnx::TypeProto::Tensor& type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(type_of(value.type.dtype));
  onnx::TensorShapeProto& shape = *type.mutable_shape();
  for (const std::int64_t d : value.type.shape) shape.add_dim()->set_dim_value(d);
}

std::string write(const Out& o) {
  // By what an operation does, as the files are.
  switch (o.node.op) {
    case OpKind::conv: case OpKind::conv_transpose: case OpKind::linear: case OpKind::matmul: return write_weighted(o);
    case OpKind::quantize: case OpKind::dequantize: return write_quantize(o);
    case OpKind::max_pool: case OpKind::avg_pool: case OpKind::adaptive_avg_pool: return write_pool(o);
    case OpKind::batchnorm: case OpKind::layer_norm: case OpKind::group_norm: case OpKind::softmax: case OpKind::log_softmax:
    case OpKind::reduce_mean: case OpKind::reduce_sum: case OpKind::reduce_max: case OpKind::reduce_min: case OpKind::reduce_prod:
    case OpKind::argmax: case OpKind::topk: case OpKind::cumsum: return write_reduce(o);
    case OpKind::concat: case OpKind::reshape: case OpKind::flatten: case OpKind::transpose: case OpKind::slice: case OpKind::pad:
    case OpKind::expand: case OpKind::gather: case OpKind::gather_elements: case OpKind::gather_nd: case OpKind::resize:
    case OpKind::scatter_elements: case OpKind::scatter_nd: case OpKind::grid_sample: case OpKind::dropout: return write_move(o);
    default: return write_pointwise(o);
  }
}

}  // namespace

Result<std::string> to_onnx(const Graph& graph, const std::string& name) {
  onnx::ModelProto model;
  model.set_ir_version(8);  // of opset 18
  model.set_producer_name("xpuq");
  onnx::OperatorSetIdProto& opset = *model.add_opset_import();
  opset.set_domain("");
  opset.set_version(kOpset);
  onnx::GraphProto& proto = *model.mutable_graph();
  proto.set_name(name);
  Writer writer(graph, proto);
  for (const ValueId v : graph.inputs()) describe(*proto.add_input(), graph.value(v));
  // An input or constant that is also an output, and an output that is one twice, need nodes of their own.
  std::set<ValueId> given;
  std::vector<std::pair<ValueId, std::string>> copies;
  for (const ValueId v : graph.outputs()) {
    onnx::ValueInfoProto& info = *proto.add_output();
    describe(info, graph.value(v));
    if (graph.value(v).producer != NodeId::none && given.insert(v).second) continue;
    info.set_name(writer.fresh(graph.value(v).name + ".output"));
    copies.emplace_back(v, info.name());
  }
  for (const NodeId n : graph.order()) {
    const Node& node = graph.node(n);
    const std::string problem = write({writer, n, node, node.attributes});
    if (problem.empty()) continue;
    Error e = make_error("E309", "--export-qdq", "'" + writer.name(node.outputs.empty() ? node.inputs[0] : node.outputs[0]) + "' (" + std::string(to_string(node.op)) + ") has no form in ONNX", problem, {},
                         "cut the model there, or export without this node");
    if (!node.origin.empty()) e.node = node.origin.front();
    return e;
  }
  for (const auto& [v, copy] : copies) writer.node("Identity", {writer.name(v)}, {copy});
  // Weights of linear layers were written transposed by their reader.
  std::set<std::string> read;
  for (const onnx::NodeProto& n : proto.node()) read.insert(n.input().begin(), n.input().end());
  for (const ValueId v : graph.live_values())
    if (graph.value(v).is_constant() && read.contains(graph.value(v).name)) writer.initializer(graph.value(v).name, *graph.value(v).constant);
  if (model.ByteSizeLong() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    return make_error("E309", "--export-qdq", "the model is larger than one ONNX file can be", std::to_string(model.ByteSizeLong()) + " bytes", "below 2 GiB");
  std::string bytes;
  if (!model.SerializeToString(&bytes)) return make_error("E309", "--export-qdq", "protobuf could not write the model");
  return bytes;
}

}  // namespace xpuq::onnx_export
