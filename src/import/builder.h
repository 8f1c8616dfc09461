// What the importers share: emitting canonical operations with types checked as errors of the file, and folding
// arithmetic on constants at once, so that shape computations of an exporter (Shape, Gather, Concat, ...) are plain
// constants by the time a Reshape asks for them.
//
// One model through two doors must give one graph. The rules for that, which every importer follows:
// - identity-like nodes (contiguous, clone, detach, Identity, cast to the same type) emit nothing; in-place forms are
//   the ordinary ones. Dropout stays, because the quantizer's chains end at it; the graph hash does not see it, since
//   ONNX exports have lost it.
// - squeeze, unsqueeze, view, Reshape are `reshape` with the explicit output shape. torch flatten, ONNX Flatten, and an
//   ONNX Reshape that keeps dim 0 and merges all the rest into one are `flatten` axis 1; other flattens are `reshape`.
// - split, chunk, select, narrow, unbind are `slice` (followed by `reshape` where a dimension goes).
// - Gemm is `linear` (constants transposed or scaled at import); MatMul stays `matmul`, a following Add stays `add`:
//   a pass recognises linear. Global average pooling and mean over exactly the axes written [-1,-2] with keepdims
//   are `adaptive_avg_pool` with output_size 1; other means are `reduce_mean`.
// - an adaptive average pool whose windows are all of one size is an `avg_pool`, but for output_size 1; an avg_pool
//   without padding has count_include_pad 0, which is then of no account.
// - relu6 and hardtanh are `clip`. Scalars are f32 constants of rank 0. Subtraction, division and powers by scalars
//   are `sub`, `div`, `pow` with such a constant; add with alpha 1 is `add`, else `mul` then `add`.
// - batch norm is `batchnorm` with four constants (missing gamma 1, beta 0), eps rounded to f32.
// - scaled dot product attention is mul(q, sqrt(s)), mul(transpose(k), sqrt(s)), matmul, (add mask), softmax, matmul.
// - axes are non-negative and sorted; pads are split into begin and end; automatic pads are computed.
#pragma once

#include <string>
#include <vector>

#include "import/model.h"
#include "ir/rewriter.h"

namespace xpuq {

class GraphBuilder {
 public:
  /// `file`: the name used in errors.
  explicit GraphBuilder(std::string file) : file_(std::move(file)), rewriter_(graph_) {}

  ValueId input(const std::string& name, TensorType type) { return rewriter_.add_input(name, std::move(type)); }
  ValueId constant(const std::string& name, Tensor tensor, std::optional<QuantParams> quant = {}) {
    return rewriter_.add_constant(name, std::move(tensor), std::move(quant));
  }
  /// `to` takes over the name of `from`, which gets another.
  void rename(ValueId to, ValueId from) { rewriter_.take_name(to, from); }
  ValueId scalar(float v) { return constant("scalar", Tensor::scalar_f32(v)); }

  /// Adds an operation on behalf of the user's node `origin`; `name` is the user's name of the result. When all
  /// inputs are constants the result is computed here and is a constant too (results above 64 MiB are left to run
  /// time). A broken type rule is error E302 that names file and node.
  Result<ValueId> emit(OpKind op, std::vector<ValueId> inputs, Attributes attributes, const std::string& name,
                       const std::string& origin);

  const TensorType& type(ValueId v) const { return graph_.value(v).type; }
  const Shape& shape(ValueId v) const { return type(v).shape; }
  const std::string& name(ValueId v) const { return graph_.value(v).name; }
  /// The constant behind a value, or null.
  const Tensor* constant_of(ValueId v) const;
  /// The elements of an integer constant (s64, s32 or boolean) as s64; empty when it is no such constant.
  std::optional<Ints> ints_of(ValueId v) const;
  /// The only element of a constant with one element, as double; empty otherwise.
  std::optional<double> number_of(ValueId v) const;

  /// Marks the outputs and hands the graph over; dead nodes are left for the passes.
  Graph finish(const std::vector<ValueId>& outputs);

  /// An E302 error about node `origin`.
  Error problem(const std::string& origin, std::string what) const;
  const std::string& file() const { return file_; }

 private:
  std::string file_;
  Graph graph_;
  Rewriter rewriter_;
};

/// All unsupported operators of a model as one E301 error: each with its count and up to three node names.
class UnsupportedOps {
 public:
  void add(const std::string& op, const std::string& node) { found_.push_back({op, node}); }
  bool empty() const { return found_.empty(); }
  Error error(const std::string& file, std::size_t nodes_in_model) const;

 private:
  struct Finding {
    std::string op, node;
  };
  std::vector<Finding> found_;
};

/// The concrete shape of an input whose dimensions may be symbolic. `dims[i] < 0` marks a symbolic dimension, named
/// `symbols[i]` with a printable range `ranges[i]` (may be empty). Error E205 (usage) names what must be fixed by
/// --batch or --shape, or a --shape that contradicts a fixed dimension.
Result<Shape> resolve_input_shape(const std::string& file, const std::string& input, const Shape& dims,
                                  const std::vector<std::string>& symbols, const std::vector<std::string>& ranges,
                                  const ImportOptions& options, std::size_t input_count);

}  // namespace xpuq
