#include "qmath/weights.h"

#include <cmath>
#include <limits>
#include <string>

#include "qmath/affine.h"
#include "support/check.h"

namespace xpuq::qmath {
namespace {

// A tensor seen as [outer][channels][inner]: element (o, c, i) lies at (o * channels + c) * inner + i.
struct ChannelView {
  std::size_t outer = 1, channels = 1, inner = 1;

  std::span<const float> run(std::span<const float> all, std::size_t o, std::size_t c) const {
    return all.subspan((o * channels + c) * inner, inner);
  }
};

ChannelView view_channels(const Shape& shape, std::optional<int> axis) {
  ChannelView view;
  if (!axis) {
    view.inner = static_cast<std::size_t>(element_count(shape));
    return view;
  }
  XPUQ_CHECK(*axis >= 0 && static_cast<std::size_t>(*axis) < shape.size(), "weight axis out of range");
  for (int d = 0; d < *axis; ++d) view.outer *= static_cast<std::size_t>(shape[d]);
  view.channels = static_cast<std::size_t>(shape[*axis]);
  for (std::size_t d = static_cast<std::size_t>(*axis) + 1; d < shape.size(); ++d)
    view.inner *= static_cast<std::size_t>(shape[d]);
  return view;
}

Error non_finite_weight(float value, std::size_t channel, std::size_t element, bool per_channel) {
  std::string where = per_channel ? "channel " + std::to_string(channel) + ", element " : "element ";
  return {.code = "E306", .who = {}, .what = "weight is not finite at " + where + std::to_string(element),
          .got = std::isnan(value) ? "NaN" : value > 0 ? "inf" : "-inf", .expected = "finite weights",
          .remedy = "export the model again from sound weights, or --exclude the layer", .node = {}};
}

// Min and max of one channel as the observer takes them, or the error of its first non-finite element.
Result<TensorQuant> channel_quant(std::span<const float> weights, const ChannelView& view, std::size_t c,
                                  bool per_channel, float floor) {
  float lo = std::numeric_limits<float>::infinity(), hi = -lo;
  for (std::size_t o = 0; o < view.outer; ++o) {
    const auto run = view.run(weights, o, c);
    for (std::size_t i = 0; i < run.size(); ++i) {
      if (!std::isfinite(run[i])) return non_finite_weight(run[i], c, o * view.inner + i, per_channel);
      lo = run[i] < lo ? run[i] : lo;
      hi = run[i] > hi ? run[i] : hi;
    }
  }
  return choose_qparams(lo, hi, Scheme::symmetric, floor);
}

}  // namespace

Result<QuantizedWeights> quantize_weights(std::span<const float> weights, const Shape& shape, std::optional<int> axis,
                                          float floor) {
  XPUQ_CHECK(static_cast<std::int64_t>(weights.size()) == element_count(shape), "weights do not fill their shape");
  const ChannelView view = view_channels(shape, axis);
  QuantizedWeights out;
  out.codes.resize(weights.size());
  out.quant.axis = axis;
  for (std::size_t c = 0; c < view.channels; ++c) {
    XPUQ_ASSIGN(const TensorQuant quant, channel_quant(weights, view, c, axis.has_value(), floor));
    out.quant.scales.push_back(quant.scale);
    out.quant.zero_points.push_back(0);
    out.channels_at_floor += quant.at_floor;
    for (std::size_t o = 0; o < view.outer; ++o) {
      const auto run = view.run(weights, o, c);
      quantize(run, quant.scale, 0, std::span(out.codes).subspan(run.data() - weights.data(), run.size()));
    }
  }
  return out;
}

}  // namespace xpuq::qmath
