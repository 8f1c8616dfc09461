#include "export/onnx/writer.h"

namespace xpuq::onnx_export {

Writer::Writer(const Graph& graph, onnx::GraphProto& proto) : graph_(graph), proto_(proto) {
  for (const ValueId v : graph.live_values()) taken_.insert(graph.value(v).name);
}

onnx::NodeProto& Writer::node(const char* op, const Names& inputs, const Names& outputs) {
  onnx::NodeProto& n = *proto_.add_node();
  n.set_op_type(op);
  n.set_name(outputs[0]);
  for (const std::string& i : inputs) n.add_input(i);
  for (const std::string& o : outputs) n.add_output(o);
  return n;
}

std::string Writer::fresh(const std::string& base) {
  std::string name = base;
  for (int i = 1; !taken_.insert(name).second; ++i) name = base + "." + std::to_string(i);
  return name;
}

std::string Writer::ints(const std::string& base, const std::vector<std::int64_t>& values) {
  const std::string name = fresh(base);
  initializer(name, Tensor::vector_s64(values));
  return name;
}

std::string Writer::floats(const std::string& base, const std::vector<float>& values) {
  const std::string name = fresh(base);
  initializer(name, Tensor::of<float>(DataType::f32, {static_cast<std::int64_t>(values.size())}, values));
  return name;
}

std::string Writer::scalar(const std::string& base, float value) {
  const std::string name = fresh(base);
  initializer(name, Tensor::scalar_f32(value));
  return name;
}

void Writer::initializer(const std::string& name, const Tensor& tensor) {
  onnx::TensorProto& t = *proto_.add_initializer();
  t.set_name(name);
  t.set_data_type(type_of(tensor.dtype()));
  for (const std::int64_t d : tensor.shape()) t.add_dims(d);
  t.set_raw_data(tensor.raw(), tensor.bytes());
}

onnx::TensorProto::DataType type_of(DataType dtype) {
  switch (dtype) {
    case DataType::f32: return onnx::TensorProto::FLOAT;
    case DataType::bf16: return onnx::TensorProto::BFLOAT16;
    case DataType::f16: return onnx::TensorProto::FLOAT16;
    case DataType::f64: return onnx::TensorProto::DOUBLE;
    case DataType::s8: return onnx::TensorProto::INT8;
    case DataType::u8: return onnx::TensorProto::UINT8;
    case DataType::s16: return onnx::TensorProto::INT16;
    case DataType::s32: return onnx::TensorProto::INT32;
    case DataType::s64: return onnx::TensorProto::INT64;
    case DataType::boolean: return onnx::TensorProto::BOOL;
  }
  return onnx::TensorProto::UNDEFINED;
}

void set(onnx::NodeProto& node, const char* name, std::int64_t value) {
  onnx::AttributeProto& a = *node.add_attribute();
  a.set_name(name);
  a.set_type(onnx::AttributeProto::INT);
  a.set_i(value);
}
void set(onnx::NodeProto& node, const char* name, float value) {
  onnx::AttributeProto& a = *node.add_attribute();
  a.set_name(name);
  a.set_type(onnx::AttributeProto::FLOAT);
  a.set_f(value);
}
void set(onnx::NodeProto& node, const char* name, const std::string& value) {
  onnx::AttributeProto& a = *node.add_attribute();
  a.set_name(name);
  a.set_type(onnx::AttributeProto::STRING);
  a.set_s(value);
}
void set(onnx::NodeProto& node, const char* name, const std::vector<std::int64_t>& values) {
  onnx::AttributeProto& a = *node.add_attribute();
  a.set_name(name);
  a.set_type(onnx::AttributeProto::INTS);
  for (const std::int64_t v : values) a.add_ints(v);
}

Names Out::inputs() const {
  Names names;
  for (const ValueId v : node.inputs) names.push_back(w.name(v));
  return names;
}

}  // namespace xpuq::onnx_export
