// What the weights of a convolution or linear layer are multiplied with, as rows of a matrix.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ir/graph.h"

namespace xpuq {

/// The layer as groups of matrix products: output row r of group g is the product of `taps` source elements with row
/// r of that group's weights. Positions number the output elements of one channel (linear: the rows), batch included.
class LayerTaps {
 public:
  /// conv (1 to 3 spatial axes) or linear, with a constant weight.
  LayerTaps(const Graph& graph, NodeId layer);

  std::int64_t groups() const { return groups_; }
  std::int64_t rows() const { return rows_; }            ///< outputs of one group
  std::int64_t taps() const { return taps_; }
  std::int64_t positions() const { return positions_; }
  /// Channel of the source that tap `t` of group `g` looks at.
  std::int64_t channel(std::int64_t g, std::int64_t t) const { return g * channels_ + t / window_; }
  /// The source elements of one position, zero where it looks into the padding. `out` has taps() elements.
  void gather(std::span<const float> src, std::int64_t g, std::int64_t position, std::span<float> out) const;

 private:
  std::int64_t groups_ = 1, rows_ = 0, taps_ = 0, positions_ = 0;
  std::int64_t channels_ = 0, window_ = 1;  ///< source channels of a group; kernel elements of one channel
  Shape src_, out_, kernel_;                ///< spatial axes only, for a convolution
  std::vector<std::int64_t> strides_, dilations_, pads_;
  std::int64_t all_channels_ = 0;
};

/// Channel c of a value as [outer][channels][inner]: axis 1, or the last one of what a linear layer reads.
struct ChannelAxis {
  std::int64_t outer = 1, channels = 1, inner = 1;
};
ChannelAxis source_channels(const Graph& graph, NodeId layer);

}  // namespace xpuq
