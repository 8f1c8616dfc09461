// Pictures as batches of model inputs, decoded anew in every pass over them: what fitting and validation work on.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "driver/model_inputs.h"
#include "samples/operands.h"

namespace xpuq {

class SampleBatches {
 public:
  struct Options {
    std::vector<std::string> operands;
    std::optional<std::string> from_file;
    std::vector<std::string> labels;      ///< class names, when there are some
    std::size_t most = 0;                 ///< spread over the samples; 0: all
  };
  /// `preprocessing` is the record of a profile. Errors as SampleSource::open.
  static Result<SampleBatches> open(const Options& options, const std::vector<NamedType>& inputs, const Json& preprocessing, const Reporter& reporter);

  std::size_t size() const { return selected_.size(); }
  bool has_labels() const { return source_->has_labels(); }
  const samples::SampleSource& source() const { return *source_; }
  const std::vector<std::size_t>& selected() const { return selected_; }

  /// Calls `take(inputs, samples)` for every batch, in order; the last one is filled up by its last sample. Samples that
  /// cannot be decoded are left out. E130/E143 when interrupted, E404 when nothing could be used.
  using Take = std::function<Result<void>(const std::vector<Tensor>& inputs, const std::vector<samples::Sample>& samples)>;
  Result<void> for_each(const Reporter& reporter, const Take& take) const;
  /// At most `batches` of them, from samples spread over all.
  Result<std::vector<std::vector<Tensor>>> some(std::size_t batches) const;

 private:
  std::vector<samples::InputSpec> specs_;
  std::int64_t batch_ = 1;
  std::optional<samples::SampleSource> source_;
  std::vector<std::size_t> selected_;
};

}  // namespace xpuq
