#include "model.h"

#include "catch.h"
#include "ir/verify.h"
#include "reference/evaluate.h"

namespace xpuq::onnx_test {

onnx::AttributeProto attribute(const std::string& name, std::int64_t value) {
  onnx::AttributeProto a;
  a.set_name(name);
  a.set_type(onnx::AttributeProto::INT);
  a.set_i(value);
  return a;
}
onnx::AttributeProto attribute(const std::string& name, int value) { return attribute(name, std::int64_t{value}); }
onnx::AttributeProto attribute(const std::string& name, float value) {
  onnx::AttributeProto a;
  a.set_name(name);
  a.set_type(onnx::AttributeProto::FLOAT);
  a.set_f(value);
  return a;
}
onnx::AttributeProto attribute(const std::string& name, const char* value) {
  onnx::AttributeProto a;
  a.set_name(name);
  a.set_type(onnx::AttributeProto::STRING);
  a.set_s(value);
  return a;
}
onnx::AttributeProto attribute(const std::string& name, const Ints& values) {
  onnx::AttributeProto a;
  a.set_name(name);
  a.set_type(onnx::AttributeProto::INTS);
  for (std::int64_t v : values) a.add_ints(v);
  return a;
}
onnx::AttributeProto attribute(const std::string& name, const std::vector<float>& values) {
  onnx::AttributeProto a;
  a.set_name(name);
  a.set_type(onnx::AttributeProto::FLOATS);
  for (float v : values) a.add_floats(v);
  return a;
}
onnx::AttributeProto attribute(const std::string& name, const onnx::TensorProto& value) {
  onnx::AttributeProto a;
  a.set_name(name);
  a.set_type(onnx::AttributeProto::TENSOR);
  *a.mutable_t() = value;
  return a;
}
onnx::AttributeProto attribute(const std::string& name, const onnx::GraphProto& value) {
  onnx::AttributeProto a;
  a.set_name(name);
  a.set_type(onnx::AttributeProto::GRAPH);
  *a.mutable_g() = value;
  return a;
}

onnx::TensorProto floats(const std::string& name, const Ints& dims, const std::vector<float>& values) {
  onnx::TensorProto t;
  t.set_name(name);
  t.set_data_type(onnx::TensorProto::FLOAT);
  for (std::int64_t d : dims) t.add_dims(d);
  for (float v : values) t.add_float_data(v);
  return t;
}
onnx::TensorProto ints(const std::string& name, const Ints& dims, const Ints& values, int type) {
  onnx::TensorProto t;
  t.set_name(name);
  t.set_data_type(type);
  for (std::int64_t d : dims) t.add_dims(d);
  for (std::int64_t v : values) {
    if (type == onnx::TensorProto::INT64) t.add_int64_data(v);
    else t.add_int32_data(static_cast<std::int32_t>(v));
  }
  return t;
}
onnx::TensorProto noise(const std::string& name, const Ints& dims) {
  std::vector<float> values(static_cast<std::size_t>(element_count(dims)));
  std::uint32_t state = 12345;
  for (float& v : values) {
    state = state * 1664525u + 1013904223u;
    v = static_cast<float>(state >> 8) / 8388608.0f - 1.0f;
  }
  return floats(name, dims, values);
}

onnx::NodeProto node(const std::string& op, const Names& inputs, const Names& outputs,
                     const std::vector<onnx::AttributeProto>& attributes) {
  onnx::NodeProto n;
  n.set_op_type(op);
  if (!outputs.empty()) n.set_name(outputs[0] + "_node");
  for (const auto& i : inputs) n.add_input(i);
  for (const auto& o : outputs) n.add_output(o);
  for (const auto& a : attributes) *n.add_attribute() = a;
  return n;
}

Model::Model(int opset) {
  proto.set_ir_version(8);
  proto.set_producer_name("test");
  auto* import = proto.add_opset_import();
  import->set_version(opset);
  proto.mutable_graph()->set_name("g");
}
Model& Model::input(const std::string& name, const Ints& dims, int type) {
  auto* i = proto.mutable_graph()->add_input();
  i->set_name(name);
  i->mutable_type()->mutable_tensor_type()->set_elem_type(type);
  auto* shape = i->mutable_type()->mutable_tensor_type()->mutable_shape();
  for (std::size_t k = 0; k < dims.size(); ++k) {
    if (dims[k] == -1) shape->add_dim()->set_dim_param("d" + std::to_string(k));
    else shape->add_dim()->set_dim_value(dims[k]);
  }
  return *this;
}
Model& Model::tensor(onnx::TensorProto t) {
  *proto.mutable_graph()->add_initializer() = std::move(t);
  return *this;
}
Model& Model::node(const std::string& op, const Names& inputs, const Names& outputs,
                   const std::vector<onnx::AttributeProto>& attributes) {
  *proto.mutable_graph()->add_node() = onnx_test::node(op, inputs, outputs, attributes);
  return *this;
}
Model& Model::output(const std::string& name, int type) {
  auto* o = proto.mutable_graph()->add_output();
  o->set_name(name);
  if (type) o->mutable_type()->mutable_tensor_type()->set_elem_type(type);
  return *this;
}

Result<ImportedModel> import_bytes(const std::string& bytes, const std::string& path, const ImportOptions& options) {
  return import_onnx(path, std::as_bytes(std::span<const char>(bytes.data(), bytes.size())), options);
}
Result<ImportedModel> Model::import(const ImportOptions& options, const std::string& path) const {
  return import_bytes(bytes(), path, options);
}

Graph graph_of(const Model& model) {
  auto imported = model.import();
  if (!imported) FAIL(imported.error().text());
  CHECK(verify(imported->graph) == "");
  return std::move(imported->graph);
}

std::string ops_of(const Graph& graph) {
  std::string out;
  for (NodeId id : graph.order()) {
    const Node& n = graph.node(id);
    if (!n.outputs.empty() && graph.uses(n.outputs[0]).empty() && !graph.is_output(n.outputs[0])) continue;
    out += (out.empty() ? "" : " ") + std::string(to_string(n.op));
  }
  return out;
}

const Node& only(const Graph& graph, OpKind kind) {
  const Node* found = nullptr;
  for (NodeId id : graph.order())
    if (graph.node(id).op == kind) {
      if (found) FAIL("more than one " << std::string(to_string(kind)));
      found = &graph.node(id);
    }
  if (!found) FAIL("no " << std::string(to_string(kind)) << " in: " << ops_of(graph));
  return *found;
}

Shape output_shape(const Graph& graph, std::size_t i) { return graph.value(graph.outputs()[i]).type.shape; }

std::vector<Tensor> run(const Graph& graph, const std::vector<Tensor>& inputs) {
  REQUIRE(inputs.size() == graph.inputs().size());
  std::map<ValueId, Tensor> values;
  for (std::size_t i = 0; i < inputs.size(); ++i) values[graph.inputs()[i]] = inputs[i];
  const auto tensor = [&](ValueId v) { return graph.value(v).constant ? *graph.value(v).constant : values.at(v); };
  for (NodeId id : graph.order()) {
    const Node& n = graph.node(id);
    std::vector<Tensor> operands;
    std::vector<TensorType> types;
    for (ValueId v : n.inputs) {
      operands.push_back(tensor(v));
      types.push_back(graph.value(v).type);
    }
    auto made = evaluate(n.op, n.attributes, operands, types);
    if (!made) FAIL(made.error().text());
    for (std::size_t i = 0; i < n.outputs.size(); ++i) values[n.outputs[i]] = (*made)[i];
  }
  std::vector<Tensor> out;
  for (ValueId v : graph.outputs()) out.push_back(tensor(v));
  return out;
}

std::vector<float> run(const Model& model, const Shape& shape, const std::vector<float>& input) {
  const Graph graph = graph_of(model);
  const auto out = run(graph, {Tensor::of<float>(DataType::f32, shape, input)});
  REQUIRE(out.at(0).dtype() == DataType::f32);
  const auto span = out[0].span<float>();
  return {span.begin(), span.end()};
}

Error refused(const Model& model, const ImportOptions& options) {
  auto imported = model.import(options);
  if (imported) FAIL("was imported: " << ops_of(imported->graph));
  return imported.error();
}
std::string text_of(const Error& e) { return e.text(); }

}  // namespace xpuq::onnx_test
