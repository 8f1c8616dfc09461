#include "driver/fitter.h"

#include <algorithm>

#include "driver/source_statistics.h"
#include "qmath/adaptive_rounding.h"
#include "quantize/layer_taps.h"
#include "quantize/quantize_alone.h"
#include "support/check.h"
#include "support/parallel.h"

namespace xpuq {
namespace {

/// Moments that are held at once; the pictures are run again for every such part of the layers.
constexpr std::uint64_t kMomentBytes = std::uint64_t{256} << 20;

/// Layers whose weight nobody else reads and whose bias, if any, is a constant.
std::vector<NodeId> fittable_layers(const Graph& g, const Profile& profile) {
  std::vector<NodeId> layers = quantizable_layers(g, profile);
  std::erase_if(layers, [&](NodeId n) {
    const Node& node = g.node(n);
    return g.uses(node.inputs[1]).size() != 1 || node.inputs.size() > 3 || (node.inputs.size() == 3 && !g.input_of(n, 2).is_constant());
  });
  return layers;
}

std::vector<std::int8_t> round_layer(const Graph& g, NodeId layer, const qmath::QuantizedWeights& nearest, const std::vector<float>& moments, int threads) {
  const LayerTaps taps(g, layer);
  const auto size = static_cast<std::size_t>(taps.taps()), rows = static_cast<std::size_t>(taps.rows());
  const std::span<const float> wei = g.input_of(layer, 1).constant->span<float>();
  std::vector<std::int8_t> codes = nearest.codes;
  parallel_for(rows * static_cast<std::size_t>(taps.groups()), threads, [&](std::size_t row) {
    const float scale = nearest.quant.scales[nearest.quant.axis ? row : 0];
    qmath::round_adaptively(wei.subspan(row * size, size), scale, std::span(moments).subspan(row / rows * size * size, size * size), std::span(codes).subspan(row * size, size));
  });
  return codes;
}

/// What fitted weights depend on.
std::string key(const FittingOptions& options, const Recipe& recipe) {
  std::string out;
  for (bool flag : {options.equalize, options.bias_correction, options.adaptive_rounding, recipe.weight_scale_floor, recipe.per_channel_weights}) out += flag ? '1' : '0';
  return out;
}

}  // namespace

Result<Fitter::Fitted> Fitter::equalized() {
  if (!equalized_graph_) {
    XPUQ_ASSIGN(const ChannelRanges ranges, measure_channel_ranges(FloatRuns(*plain_.graph, *pictures_, threads_, reporter_)));
    Graph graph = plain_.graph->clone();
    XPUQ_ASSIGN([[maybe_unused]] const Change change, equalize_channels(graph, {.channel_ranges = &ranges, .notes = &equalized_notes_}));
    XPUQ_ASSIGN([[maybe_unused]] const Change swept, eliminate_dead_nodes(graph, {}));
    Profile profile = *plain_.profile;
    profile.layers.clear();
    XPUQ_TRY(measure_statistics(FloatRuns(graph, *pictures_, threads_, reporter_), profile));
    equalized_graph_ = std::move(graph);
    equalized_profile_ = std::move(profile);
  }
  return Fitted{.graph = &*equalized_graph_, .profile = &*equalized_profile_, .weights = nullptr, .notes = equalized_notes_};
}

Result<Fitter::Fitted> Fitter::fit_to(const FittingOptions& options, const Recipe& recipe) {
  if (!options.any()) return plain_;
  XPUQ_CHECK(pictures_ != nullptr, "fitting has pictures");
  Fitted fitted = plain_;
  if (options.equalize) {
    XPUQ_ASSIGN(fitted, equalized());
  }
  if (!options.bias_correction && !options.adaptive_rounding) return fitted;
  const std::string k = key(options, recipe);
  if (!fitted_.contains(k)) {
    XPUQ_ASSIGN(fitted_[k], fit(fitted, options, recipe));
  }
  fitted.weights = &fitted_[k];
  fitted.notes.insert(fitted.notes.end(), fitted_[k].notes.begin(), fitted_[k].notes.end());
  return fitted;
}

Result<FittedWeights> Fitter::fit(const Fitted& fitted, const FittingOptions& options, const Recipe& recipe) const {
  const Graph& g = *fitted.graph;
  const FloatRuns runs(g, *pictures_, threads_, reporter_);
  const std::vector<NodeId> layers = fittable_layers(g, *fitted.profile);
  FittedWeights weights;
  for (std::size_t from = 0; options.adaptive_rounding && from < layers.size();) {
    std::vector<NodeId> part;
    std::uint64_t bytes = 0;
    for (; from < layers.size(); ++from) {
      const std::uint64_t more = moment_bytes(g, layers[from]);
      if (more > kMomentBytes) {
        weights.notes.push_back("weights of '" + g.output_of(layers[from]).name + "' are rounded to the nearest: too many for one output");
        continue;
      }
      if (bytes + more > kMomentBytes) break;
      bytes += more;
      part.push_back(layers[from]);
    }
    XPUQ_ASSIGN(const std::vector<std::vector<float>> moments, measure_moments(runs, part));
    for (std::size_t l = 0; l < part.size(); ++l) {
      XPUQ_ASSIGN(const qmath::QuantizedWeights nearest, quantize_layer_weights(g, part[l], recipe, nullptr));
      weights.codes[g.output_of(part[l]).name] = round_layer(g, part[l], nearest, moments[l], runs.threads());
    }
  }
  if (!options.bias_correction) return weights;
  XPUQ_ASSIGN(const auto means, measure_channel_means(runs, layers));
  for (NodeId n : layers) {
    XPUQ_ASSIGN(const qmath::QuantizedWeights quantized, quantize_layer_weights(g, n, recipe, &weights));
    const std::string& name = g.output_of(n).name;
    weights.bias_shift[name] = mean_error(g, n, quantized, means.at(name));
  }
  return weights;
}

}  // namespace xpuq
