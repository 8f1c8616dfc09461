// What int8 can win back without going to float, from pictures: equalized channels, fitted codes, corrected biases
// (xpuq-compile --equalize, --round adaptive, --bias-correction).
#pragma once

#include <map>
#include <optional>
#include <string>

#include "driver/sample_batches.h"
#include "ir/graph.h"
#include "profile/profile.h"
#include "quantize/recipe.h"
#include "quantize/fitted_weights.h"
#include "runtime/engine.h"

namespace xpuq {

struct FittingOptions {
  bool equalize = false;
  bool bias_correction = false;
  bool adaptive_rounding = false;

  bool any() const { return equalize || bias_correction || adaptive_rounding; }
  bool operator==(const FittingOptions&) const = default;
};

/// Tunes one normalized graph; what is measured once is kept for later calls.
class Fitter {
 public:
  /// All of these outlive the fitter. `pictures` may be null when nothing will be fitted.
  Fitter(const Graph& normalized, const Profile& profile, const SampleBatches* pictures, int threads, const Reporter& reporter)
      : plain_{&normalized, &profile, nullptr, {}}, pictures_(pictures), threads_(threads), reporter_(reporter) {}

  /// A graph with the statistics and weights that belong to it; they live as long as the fitter.
  struct Fitted {
    const Graph* graph = nullptr;
    const Profile* profile = nullptr;
    const FittedWeights* weights = nullptr;  ///< null: none fitted
    std::vector<std::string> notes;          ///< decisions worth telling
  };
  Result<Fitted> fit_to(const FittingOptions& options, const Recipe& recipe);

 private:
  Result<Fitted> equalized();
  Result<FittedWeights> fit(const Fitted& fitted, const FittingOptions& options, const Recipe& recipe) const;

  Fitted plain_;
  const SampleBatches* pictures_;
  const int threads_;
  const Reporter& reporter_;
  std::optional<Graph> equalized_graph_;
  std::optional<Profile> equalized_profile_;
  std::vector<std::string> equalized_notes_;
  std::map<std::string, FittedWeights> fitted_;  // by what they depend on
};

}  // namespace xpuq
