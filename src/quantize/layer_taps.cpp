#include "quantize/layer_taps.h"

#include <algorithm>

namespace xpuq {

LayerTaps::LayerTaps(const Graph& g, NodeId layer) {
  const Node& node = g.node(layer);
  const Shape &src = g.input_of(layer, 0).type.shape, &wei = g.input_of(layer, 1).type.shape, &out = g.output_of(layer).type.shape;
  if (node.op == OpKind::linear) {
    rows_ = wei[0];
    taps_ = channels_ = all_channels_ = wei[1];
    positions_ = element_count(out) / std::max<std::int64_t>(rows_, 1);
    return;
  }
  groups_ = node.attributes.get_int("groups", 1);
  rows_ = wei[0] / groups_;
  channels_ = wei[1];
  all_channels_ = src[1];
  src_.assign(src.begin() + 2, src.end());
  out_.assign(out.begin() + 2, out.end());
  kernel_.assign(wei.begin() + 2, wei.end());
  window_ = element_count(kernel_);
  taps_ = channels_ * window_;
  positions_ = out[0] * element_count(out_);
  strides_ = node.attributes.get_ints("strides");
  dilations_ = node.attributes.get_ints("dilations");
  pads_ = node.attributes.get_ints("pads_begin");
}

void LayerTaps::gather(std::span<const float> src, std::int64_t g, std::int64_t position, std::span<float> out) const {
  if (kernel_.empty()) {  // linear, or a convolution without space
    const std::int64_t from = position * all_channels_ + g * channels_;
    std::copy_n(src.begin() + from, taps_, out.begin());
    return;
  }
  const std::int64_t space = element_count(src_), out_space = element_count(out_);
  const std::int64_t batch = position / out_space;
  const float* base = src.data() + (batch * all_channels_ + g * channels_) * space;
  for (std::int64_t k = 0; k < window_; ++k) {
    std::int64_t at = 0, rest_k = k, rest_o = position % out_space, unit = 1;
    bool inside = true;
    for (std::size_t d = kernel_.size(); d-- > 0;) {
      const std::int64_t i = (rest_o % out_[d]) * strides_[d] - pads_[d] + (rest_k % kernel_[d]) * dilations_[d];
      inside = inside && i >= 0 && i < src_[d];
      at += i * unit;
      unit *= src_[d];
      rest_k /= kernel_[d];
      rest_o /= out_[d];
    }
    for (std::int64_t c = 0; c < channels_; ++c) out[static_cast<std::size_t>(c * window_ + k)] = inside ? base[c * space + at] : 0.0f;
  }
}

ChannelAxis source_channels(const Graph& g, NodeId layer) {
  const Shape& src = g.input_of(layer, 0).type.shape;
  if (g.node(layer).op == OpKind::linear) return {element_count(src) / std::max<std::int64_t>(src.back(), 1), src.back(), 1};
  return {src[0], src[1], element_count(src) / std::max<std::int64_t>(src[0] * src[1], 1)};
}

}  // namespace xpuq
