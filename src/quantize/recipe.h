// What the quantizer is asked to do: the configuration of XPUInductorQuantizer and the filters of the command line.
#pragma once

#include <string>
#include <vector>

#include "ir/graph.h"
#include "qmath/affine.h"

namespace xpuq {

/// Which operations carry int8: `xpu` is XPUInductorQuantizer (max pool stays float, pt2e-semantics 3.4), `x86` lets
/// max pool carry int8 too.
enum class RecipeFamily { xpu, x86 };

struct Recipe {
  RecipeFamily family = RecipeFamily::xpu;
  qmath::Scheme scheme = qmath::Scheme::affine;  ///< of activations
  bool per_channel_weights = true;
  bool weight_scale_floor = true;                ///< raise scales of weights to 2^-12, as the reference does
  bool quantize_matmul = false;                  ///< products of two activations
  std::vector<std::string> exclude;              ///< globs over node names: keep in float
  std::vector<std::string> exclude_types;        ///< operation names: keep in float
  std::vector<std::string> only;                 ///< globs: quantize nothing else, when not empty
  std::string method;                            ///< range rule; empty: the profile's
};

/// Whether the filters leave node `n` to the quantizer. Globs are tried against the node's origin names and the name
/// of its result.
bool admits(const Recipe& recipe, const Graph& graph, NodeId n);

}  // namespace xpuq
