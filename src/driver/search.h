// Accuracy-aware compilation (xpuq-compile --drop, --min-output-sqnr): finds what int8 needs to meet a target on
// validation pictures, first by what costs no speed, then by the fewest layers in float.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "driver/fitter.h"
#include "quantize/recipe.h"
#include "support/json.h"

namespace xpuq {

struct SearchOptions {
  std::optional<double> drop;             ///< percent points of top-1 that int8 may lose
  std::optional<double> min_output_sqnr;  ///< dB, of the model's outputs against float
  std::vector<std::string> validate;      ///< operands; with labels for `drop`
  std::optional<std::string> from_file;
  std::uint64_t max_evaluations = 40;     ///< int8 variants that are compiled and run
  bool resume = false;

  bool wanted() const { return drop || min_output_sqnr; }
};

/// What is compiled: everything that the search may change.
struct Variant {
  FittingOptions fitting;
  Recipe recipe;
};

/// Of one variant over all validation pictures.
struct Evaluation {
  double top1 = 0;          ///< percent; 0 when there are no labels
  double sqnr_db = 0;       ///< of the float outputs of the model, over the first samples that fit kOutputBytes
  double int8_percent = 0;  ///< of multiply-adds
};

struct SearchStep {
  std::string what;  ///< "bias correction", "3 layers in float"
  Evaluation evaluation;
  bool kept = false;
};

struct SearchResult {
  Variant variant;       ///< the best one
  double float_top1 = 0;
  std::size_t best = 0;  ///< its step
  bool met = false;
  std::vector<SearchStep> steps;
};

/// What the search works on. `fitter` belongs to `graph` and `profile`; `start` is what the command line asks for, and
/// stays part of every variant.
struct SearchInput {
  const Graph& graph;
  const Profile& profile;
  Fitter& fitter;
  bool fits = false;  ///< there are pictures to fit on
  bool bf16 = false, fuse = true;
  const SampleBatches& validation;
  Variant start;
  std::string state_path, key;
  int threads = 0;
};

/// What was evaluated is kept in `state_path` and used again with `resume`, if `key` is the same; the file is removed at
/// the end. E205: no labels for --drop. E408: a state that cannot be used. E130/E143: interrupted.
Result<SearchResult> search_variant(const SearchInput& input, const SearchOptions& options, const Reporter& reporter);

}  // namespace xpuq
