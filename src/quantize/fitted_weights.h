// Weights that were fitted to pictures: other codes than the nearest, and biases that take back the mean error.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "qmath/weights.h"
#include "quantize/recipe.h"
#include "xpuq/result.h"

namespace xpuq {

/// By the name of a layer's result.
struct FittedWeights {
  std::map<std::string, std::vector<std::int8_t>> codes;
  std::map<std::string, std::vector<float>> bias_shift;  ///< subtracted from the bias, one an output channel
  std::vector<std::string> notes;                        ///< decisions worth telling
};

/// The weight of a conv or linear layer in s8 by the recipe, with the codes of `fitting` where it has some (null: none).
/// E306 names the layer.
Result<qmath::QuantizedWeights> quantize_layer_weights(const Graph& graph, NodeId layer, const Recipe& recipe, const FittedWeights* fitting);

/// Bias correction (Nagel et al. 2019, "Data-Free Quantization Through Weight Equalization and Bias Correction",
/// section 4.2): the mean error E[(Wq - W) x] of each output channel, with E[x] measured per source channel.
std::vector<float> mean_error(const Graph& graph, NodeId layer, const qmath::QuantizedWeights& quantized, const std::vector<float>& channel_means);

}  // namespace xpuq
