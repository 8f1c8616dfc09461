// A GPU, real or emulated, against the interpreter, step by step, on one input.
#pragma once

#include <string>
#include <vector>

#include "artifact/artifact.h"
#include "driver/placement.h"

namespace xpuq {

/// How a value that a step wrote compares with the plain loops, which were given the step's own inputs.
struct StepDifference {
  std::uint32_t step = 0;
  std::vector<std::string> nodes;
  std::string op, implementation;
  std::uint64_t elements = 0;
  std::uint64_t different = 0;
  /// Largest distance: in codes for integers, relative to the largest value of the tensor for floats.
  double largest = 0;
  std::uint64_t first = 0;      ///< row-major index of the first difference
  double got = 0, expected = 0; ///< there
};

struct StepReport {
  std::vector<StepDifference> steps;   ///< of every step that stores a value
  std::vector<StepWork> work;          ///< by step, where the device counts
  std::vector<Tensor> outputs;         ///< of this run
};

/// `placement` is on a GPU. The interpreter rounds as a GPU does (reference/evaluate.h, Arithmetic).
Result<StepReport> check_steps(const Plan& plan, Placement& placement, const std::vector<Tensor>& inputs, int threads);

}  // namespace xpuq
