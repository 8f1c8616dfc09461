// Fitted weights: taps of a layer, the mean error of rounding, and what convert makes of both.
#include "quantize/fitted_weights.h"

#include "catch.h"
#include "ir/text.h"
#include "passes/pass.h"
#include "quantize/layer_taps.h"
#include "quantize/quantization.h"
#include "run_graph.h"

using namespace xpuq;

namespace {

Graph graph(const std::string& text) {
  auto g = parse_graph(text, "test");
  INFO((g.ok() ? std::string() : g.error().text()));
  REQUIRE(g.ok());
  return std::move(*g);
}

const char* const kStrided = R"(graph (%x: f32[2,4,5,3]) {
  %w = const f32[6,2,3,2] [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72]
  %c = conv(%x, %w) {dilations=[2, 1], groups=2, pads_begin=[1, 0], pads_end=[2, 1], strides=[2, 1]} : f32[2,6,2,3]  "conv"
  return %c
})";

const char* const kPoint = R"(graph (%x: f32[1,2,2,1]) {
  %w = const f32[2,2,1,1] [1, 0.3, -0.7, 2]
  %c = conv(%x, %w) {dilations=[1, 1], groups=1, pads_begin=[0, 0], pads_end=[0, 0], strides=[1, 1]} : f32[1,2,2,1]  "conv"
  return %c
})";

}  // namespace

TEST_CASE("taps times weights are the layer: groups, strides, dilation, padding") {
  const Graph g = graph(kStrided);
  const NodeId layer = g.order()[0];
  const LayerTaps taps(g, layer);
  CHECK(taps.groups() == 2);
  CHECK(taps.rows() == 3);
  CHECK(taps.taps() == 12);
  CHECK(taps.positions() == 12);
  CHECK(taps.channel(1, 7) == 3);
  const auto inputs = test::random_inputs(g, 3);
  const Tensor expected = test::outputs_of(g, inputs)[0];
  const std::span<const float> wei = g.input_of(layer, 1).constant->span<float>();
  std::vector<float> x(12);
  for (std::int64_t group = 0; group < 2; ++group)
    for (std::int64_t p = 0; p < 12; ++p) {
      taps.gather(inputs[0].span<float>(), group, p, x);
      for (std::int64_t r = 0; r < 3; ++r) {
        const std::int64_t channel = group * 3 + r;
        float sum = 0;
        for (std::size_t t = 0; t < 12; ++t) sum += x[t] * wei[static_cast<std::size_t>(channel) * 12 + t];
        CHECK(sum == Approx(expected.data<float>()[(p / 6 * 6 + channel) * 6 + p % 6]).margin(1e-3));
      }
    }
}

TEST_CASE("the corrected bias takes back what rounding does to the mean") {
  Graph g = graph(kPoint);
  const NodeId layer = g.order()[0];
  FittedWeights fitting;
  fitting.codes["c"] = {100, 40, -20, 127};  // not the nearest
  const auto quantized = quantize_layer_weights(g, layer, {}, &fitting);
  REQUIRE(quantized.ok());
  CHECK(quantized->codes == fitting.codes["c"]);
  const Tensor x = Tensor::of<float>(DataType::f32, {1, 2, 2, 1}, std::vector<float>{1, 3, -2, 6});  // means 2 and 2
  fitting.bias_shift["c"] = mean_error(g, layer, *quantized, {2, 2});

  Profile profile;
  profile.method = "minmax";
  ProfileValue value;
  value.name = "x";
  value.stats.min = value.stats.histogram.lo = -2;
  value.stats.max = value.stats.histogram.hi = 6;
  value.stats.histogram.counts[0] = value.stats.histogram.counts[2047] = 2;
  value.stats.count = 4;
  profile.values.push_back(value);
  const std::vector<Tensor> exact = test::outputs_of(g, {x});
  const auto mean_of = [](const Tensor& t, int channel) { return (t.data<float>()[2 * channel] + t.data<float>()[2 * channel + 1]) / 2; };

  Graph plain = g.clone(), corrected = g.clone();
  const Quantization with{.recipe = {}, .profile = &profile, .fitting = &fitting};
  FittedWeights codes_only = fitting;
  codes_only.bias_shift.clear();
  const Quantization without{.recipe = {}, .profile = &profile, .fitting = &codes_only};
  REQUIRE(convert_quantize(plain, {.quantization = &without}).ok());
  REQUIRE(convert_quantize(corrected, {.quantization = &with}).ok());
  const Tensor a = test::outputs_of(plain, {x})[0], b = test::outputs_of(corrected, {x})[0];
  for (int channel = 0; channel < 2; ++channel) {
    // What is left is the rounding of x, at most half a step of 8/255 times the weights.
    CHECK(mean_of(b, channel) == Approx(mean_of(exact[0], channel)).margin(0.05));
    CHECK(std::abs(mean_of(a, channel) - mean_of(exact[0], channel)) > 0.3f);
  }
}
