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
#include "quantize/weight_tuning.h"
#include "runtime/engine.h"

namespace xpuq {

struct TuningOptions {
  bool equalize = false;
  bool bias_correction = false;
  bool adaptive_rounding = false;

  bool any() const { return equalize || bias_correction || adaptive_rounding; }
  bool operator==(const TuningOptions&) const = default;
};

/// Tunes one normalized graph; what is measured once is kept for later calls.
class Tuner {
 public:
  /// All of these outlive the tuner. `pictures` may be null when nothing will be tuned; `notes` takes what passes say.
  Tuner(const Graph& normalized, const Profile& profile, const SampleBatches* pictures, int threads, const Reporter& reporter, std::vector<std::string>& notes)
      : plain_{&normalized, &profile}, pictures_(pictures), threads_(threads), reporter_(reporter), notes_(notes) {}

  /// A graph with the statistics and weights that belong to it; they live as long as the tuner.
  struct Tuned {
    const Graph* graph = nullptr;
    const Profile* profile = nullptr;
    const WeightTuning* weights = nullptr;  ///< null: none fitted
  };
  Result<Tuned> tune(const TuningOptions& options, const Recipe& recipe);

 private:
  Result<Tuned> equalized();
  Result<WeightTuning> fit(const Tuned& tuned, const TuningOptions& options, const Recipe& recipe) const;

  Tuned plain_;
  const SampleBatches* pictures_;
  const int threads_;
  const Reporter& reporter_;
  std::vector<std::string>& notes_;
  std::optional<Graph> equalized_graph_;
  std::optional<Profile> equalized_profile_;
  std::map<std::string, WeightTuning> fitted_;  // by what they depend on
};

}  // namespace xpuq
