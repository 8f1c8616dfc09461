// The data operands of calibrate and run as a list of samples (cli.md section 2).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "samples/folder.h"
#include "samples/preprocess.h"
#include "samples/sample_error.h"
#include "xpuq/result.h"
#include "xpuq/types.h"

namespace xpuq::samples {

/// One input of the model. The first axis of `shape` is the batch (its size is not looked at); a scalar has none.
struct InputSpec {
  std::string name;
  DataType dtype = DataType::f32;
  Shape shape;
  Preprocessing preprocessing;  ///< tensors_only when it takes no pictures
};

struct OperandOptions {
  std::optional<std::string> from_file;  ///< --from: one operand a line, "-" is stdin
  bool allow_generated = false;          ///< xpuq-run takes `random` and `zeros`, xpuq-calibrate does not
  std::vector<std::string> labels;       ///< --labels, in index order; empty when not given
};

/// One row for every input, each [1, ...] in the input's element type.
struct Sample {
  std::string name;
  std::optional<int> label;
  std::vector<Tensor> inputs;
};

/// The samples of all operands, in order. Pictures and row-major .npy files are read when a sample is loaded, so the
/// memory does not grow with their number. Copies share their state.
class SampleSource {
 public:
  /// Opens the operands: folder, picture, .npy, .npz, INPUT=OPERAND, random[:SEED], zeros; then those of --from.
  /// Errors: E204 missing path; E203 bad word, seed or label; E205 operands that do not fit together (counts, an
  /// input without data, classes); E101/E102/E103 a file that cannot be used at all; E404 not one sample.
  static Result<SampleSource> open(const std::vector<std::string>& operands, const std::vector<InputSpec>& inputs,
                                   const OperandOptions& options);

  std::size_t size() const;
  /// As the user would write it: operand and path below it, "x.npy[3]", "random:7".
  const std::string& name(std::size_t i) const;
  /// Without the operand's folder, for the profile's list.
  const std::string& relative_name(std::size_t i) const;
  std::optional<int> label(std::size_t i) const;
  bool has_labels() const;  ///< every sample has one
  /// Names of the label indices: the labels if given, else the class subfolders, else empty.
  const std::vector<std::string>& class_names() const;

  const Skipped& skipped() const;
  /// W011 for what was passed over.
  const std::vector<Warning>& warnings() const;

  /// Reads one sample; safe to call from several threads. Errors: E101, E102 (undecodable), E103, E204 (gone).
  Result<Sample> load(std::size_t i) const;

 private:
  struct State;
  explicit SampleSource(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace xpuq::samples
