// Small ONNX models written in code, imported, and run by the interpreter.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "import/onnx/import.h"
#include "import/onnx/proto.h"

namespace xpuq::onnx_test {

using Names = std::vector<std::string>;

onnx::AttributeProto attribute(const std::string& name, std::int64_t value);
onnx::AttributeProto attribute(const std::string& name, int value);
onnx::AttributeProto attribute(const std::string& name, float value);
onnx::AttributeProto attribute(const std::string& name, const char* value);
onnx::AttributeProto attribute(const std::string& name, const Ints& values);
onnx::AttributeProto attribute(const std::string& name, const std::vector<float>& values);
onnx::AttributeProto attribute(const std::string& name, const onnx::TensorProto& value);
onnx::AttributeProto attribute(const std::string& name, const onnx::GraphProto& value);

onnx::TensorProto floats(const std::string& name, const Ints& dims, const std::vector<float>& values);
onnx::TensorProto ints(const std::string& name, const Ints& dims, const Ints& values,
                       int type = onnx::TensorProto::INT64);
/// Deterministic values in -1..1.
onnx::TensorProto noise(const std::string& name, const Ints& dims);

onnx::NodeProto node(const std::string& op, const Names& inputs, const Names& outputs,
                     const std::vector<onnx::AttributeProto>& attributes = {});

/// One graph under construction; every call returns *this.
class Model {
 public:
  explicit Model(int opset = 17);
  Model& input(const std::string& name, const Ints& dims,
               int type = onnx::TensorProto::FLOAT);  ///< -1: symbolic, "d<i>"
  Model& tensor(onnx::TensorProto t);
  Model& node(const std::string& op, const Names& inputs, const Names& outputs,
              const std::vector<onnx::AttributeProto>& attributes = {});
  Model& output(const std::string& name, int type = 0);

  std::string bytes() const { return proto.SerializeAsString(); }
  Result<ImportedModel> import(const ImportOptions& options = {}, const std::string& path = "model.onnx") const;

  onnx::ModelProto proto;
};

Result<ImportedModel> import_bytes(const std::string& bytes, const std::string& path = "model.onnx",
                                   const ImportOptions& options = {});

/// Imports (failing the test on an error) and gives the graph.
Graph graph_of(const Model& model);
/// "conv add relu": the live operations in order.
std::string ops_of(const Graph& graph);
/// The only operation of that kind.
const Node& only(const Graph& graph, OpKind kind);
Shape output_shape(const Graph& graph, std::size_t i = 0);

/// Runs node by node; the values of the outputs. `inputs` in the order of the graph's inputs.
std::vector<Tensor> run(const Graph& graph, const std::vector<Tensor>& inputs);
/// Imports, runs on one f32 input, gives the values of the only output.
std::vector<float> run(const Model& model, const Shape& shape, const std::vector<float>& input);

/// The error of a model that must be refused.
Error refused(const Model& model, const ImportOptions& options = {});
std::string text_of(const Error& e);

}  // namespace xpuq::onnx_test
