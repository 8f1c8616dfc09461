// How good a variant of a model is on validation pictures, against the same model in float.
#pragma once

#include <vector>

#include "driver/plan_runner.h"
#include "driver/search.h"
#include "pipeline/pipeline.h"

namespace xpuq {

class Evaluator {
 public:
  Evaluator(const SearchInput& input, const Reporter& reporter) : input_(input), reporter_(reporter) {}

  /// Runs the float model once; keeps the outputs that the ratio is taken from.
  Result<void> run_float();
  Result<Evaluation> evaluate(const Variant& variant);
  double float_top1() const { return float_top1_; }

 private:
  struct Score;
  Result<Score> run(Plan plan, bool keep);

  const SearchInput& input_;
  const Reporter& reporter_;
  std::shared_ptr<Engine> engine_;
  std::vector<std::vector<Tensor>> reference_;  ///< float outputs of the first batches
  double float_top1_ = 0;
};

}  // namespace xpuq
