// The ONNX graph under construction. Internal.
#pragma once

#include <onnx/onnx_pb.h>

#include <set>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace xpuq::onnx_export {

using Names = std::vector<std::string>;

class Writer {
 public:
  Writer(const Graph& graph, onnx::GraphProto& proto);

  const Graph& graph() const { return graph_; }
  const std::string& name(ValueId v) const { return graph_.value(v).name; }

  /// A node without attributes yet; empty input names are inputs left out.
  onnx::NodeProto& node(const char* op, const Names& inputs, const Names& outputs);
  /// A name that nothing has, like "base.suffix".
  std::string fresh(const std::string& base);

  /// Constants of the writer's own.
  std::string ints(const std::string& base, const std::vector<std::int64_t>& values);
  std::string floats(const std::string& base, const std::vector<float>& values);
  std::string scalar(const std::string& base, float value);
  void initializer(const std::string& name, const Tensor& tensor);

 private:
  const Graph& graph_;
  onnx::GraphProto& proto_;
  std::set<std::string> taken_;
};

onnx::TensorProto::DataType type_of(DataType dtype);

void set(onnx::NodeProto& node, const char* name, std::int64_t value);
void set(onnx::NodeProto& node, const char* name, float value);
void set(onnx::NodeProto& node, const char* name, const std::string& value);
void set(onnx::NodeProto& node, const char* name, const std::vector<std::int64_t>& values);

/// One node of the graph on its way out.
struct Out {
  Writer& w;
  NodeId id;
  const Node& node;
  const Attributes& a;

  Names inputs() const;
  std::string in(std::size_t i) const { return w.name(node.inputs[i]); }
  std::string out() const { return w.name(node.outputs[0]); }
  const TensorType& type(std::size_t i) const { return w.graph().value(node.inputs[i]).type; }
  const TensorType& result() const { return w.graph().value(node.outputs[0]).type; }
  /// The node under its ONNX name, all inputs and the output as they are.
  onnx::NodeProto& same(const char* op) const { return w.node(op, inputs(), {out()}); }
};

/// Writes the node; a sentence when there is no form for it, else empty. By file.
std::string write_weighted(const Out& o);
std::string write_pointwise(const Out& o);
std::string write_pool(const Out& o);
std::string write_reduce(const Out& o);
std::string write_move(const Out& o);
std::string write_quantize(const Out& o);

}  // namespace xpuq::onnx_export
