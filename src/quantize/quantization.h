// What the convert pass works from: the recipe, the measured statistics, and weights that were fitted.
#pragma once

#include <string>
#include <vector>

#include "profile/profile.h"
#include "quantize/recipe.h"
#include "quantize/fitted_weights.h"
#include "xpuq/result.h"

namespace xpuq {

struct Quantization {
  Recipe recipe;
  const Profile* profile = nullptr;
  const FittedWeights* fitting = nullptr;  ///< null: nearest codes, biases as they are
};

/// Scale and zero point of the values that share one observer, named in update order. Uses the statistics of exactly
/// this group when the profile has them, else joins those of its members (pt2e-semantics 3.5: a shared observer is
/// updated by each value in turn). E407 names a value that the profile lacks; E405 one whose statistics are unusable.
Result<qmath::TensorQuant> choose_group_qparams(const Quantization& quantization, const std::vector<std::string>& members,
                                                qmath::Scheme scheme);

}  // namespace xpuq
