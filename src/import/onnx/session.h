// What one import carries along: the builder, the notes, and the rules that hold for every emitted operation.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "import/builder.h"
#include "import/onnx/proto.h"

namespace xpuq::onnx_import {

class Session {
 public:
  Session(std::string file, std::shared_ptr<const onnx::ModelProto> model)
      : builder(file), model_(std::move(model)), file_(std::move(file)) {}

  /// GraphBuilder::emit, plus: floats of another width than f32 are constants only, kept exact while arithmetic on
  /// constants goes on (shape computations in f64) and made f32 where they meet the running graph or a kernel; and
  /// folding stops before a hostile file fills the memory.
  Result<ValueId> emit(OpKind op, std::vector<ValueId> inputs, Attributes attributes, const std::string& name,
                       const std::string& origin);
  /// An f64 constant as f32; any other value as it is.
  Result<ValueId> as_f32(ValueId v);

  /// A constant of the file, and the note about its type.
  Result<ValueId> constant(const std::string& what, const std::string& name, const onnx::TensorProto& tensor);

  /// DequantizeLinear of a constant: its result and the integers behind it, so that Gemm can transpose those.
  void remember_weight(ValueId dequantized, ValueId codes) { weights_[dequantized] = codes; }
  ValueId codes_of(ValueId dequantized) const;

  /// The type that the file gives the codes of a quantized value (s8 in the graph), so that they can be handed out.
  void remember_codes(ValueId quantized, DataType type) { codes_[quantized] = type; }
  DataType code_type(ValueId quantized) const;

  /// Says once that values of another float type are computed in f32.
  void note_narrowing(const std::string& type) { narrowed_.insert(type); }
  void note(std::string text) { notes_.push_back(std::move(text)); }
  std::vector<std::string> take_notes();

  /// Keeps a node that was made here (an inlined function's) alive for the whole import.
  onnx::NodeProto& keep(onnx::NodeProto node) { return made_.emplace_back(std::move(node)); }
  std::size_t kept() const { return made_.size(); }

  const std::string& file() const { return file_; }
  const onnx::ModelProto& model() const { return *model_; }

  GraphBuilder builder;

 private:
  std::shared_ptr<const onnx::ModelProto> model_;
  std::string file_;
  std::deque<onnx::NodeProto> made_;
  std::unordered_map<ValueId, ValueId> as_f32_;
  std::unordered_map<ValueId, ValueId> weights_;
  std::unordered_map<ValueId, DataType> codes_;
  std::set<std::string> narrowed_;
  std::vector<std::string> notes_;
  std::size_t folded_bytes_ = 0;
};

}  // namespace xpuq::onnx_import
