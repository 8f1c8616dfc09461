#include "quantize/fitted_weights.h"

#include "quantize/layer_taps.h"
#include "support/check.h"

namespace xpuq {

Result<qmath::QuantizedWeights> quantize_layer_weights(const Graph& graph, NodeId layer, const Recipe& recipe, const FittedWeights* fitting) {
  const Tensor& wei = *graph.input_of(layer, 1).constant;
  const std::optional<int> axis = recipe.per_channel_weights ? std::optional<int>(0) : std::nullopt;
  auto quantized = qmath::quantize_weights(wei.span<float>(), wei.shape(), axis, recipe.weight_scale_floor ? qmath::kScaleFloor : qmath::kNoScaleFloor);
  const std::string& name = graph.output_of(layer).name;
  if (!quantized) {
    quantized.error().node = name;
    return quantized;
  }
  if (!fitting) return quantized;
  if (const auto it = fitting->codes.find(name); it != fitting->codes.end()) {
    XPUQ_CHECK(it->second.size() == quantized->codes.size(), "fitted codes fill the weight");
    quantized->codes = it->second;
  }
  return quantized;
}

std::vector<float> mean_error(const Graph& graph, NodeId layer, const qmath::QuantizedWeights& quantized, const std::vector<float>& channel_means) {
  const LayerTaps taps(graph, layer);
  const std::span<const float> wei = graph.input_of(layer, 1).constant->span<float>();
  std::vector<float> out;
  for (std::int64_t g = 0; g < taps.groups(); ++g)
    for (std::int64_t r = 0; r < taps.rows(); ++r) {
      const auto row = static_cast<std::size_t>(g * taps.rows() + r);
      const float scale = quantized.quant.scales[quantized.quant.axis ? row : 0];
      double sum = 0;
      for (std::int64_t t = 0; t < taps.taps(); ++t) {
        const std::size_t at = row * static_cast<std::size_t>(taps.taps()) + static_cast<std::size_t>(t);
        sum += (static_cast<double>(quantized.codes[at]) * scale - wei[at]) * channel_means[static_cast<std::size_t>(taps.channel(g, t))];
      }
      out.push_back(static_cast<float>(sum));
    }
  return out;
}

}  // namespace xpuq
