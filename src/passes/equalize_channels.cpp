//   conv(x, W, b) -> f -> v -> conv(v, V)   ==>   conv(x, W / s, b / s) -> f -> v / s -> conv(v / s, V * s)
// per channel of v, where f is any chain of what commutes with a positive factor: relu, leaky_relu, pools, zero padding,
// and additions of constants (which are divided as well); a product with a constant can stand in the place of the first
// convolution. Cross-layer equalization (Nagel et al. 2019, "Data-Free Quantization Through Weight Equalization and
// Bias Correction", section 4.1), here with measured ranges of v, because weights have a scale a channel already and
// activations have one for all:
//   s[c] = a[c] / m                          for depthwise readers, whose weights take the factor for nothing
//   s[c] = sqrt(a[c] / w[c]) / m             otherwise: half of the spread goes into the weights
// a[c] is what the channel fills of the range of v, on the side where it fills more: so no channel leaves that range, and
// an almost one-sided value stays so. w[c] the largest weight of the channel relative to its row, m keeps the
// geometric mean at 1.
// Precondition: v is read by convolutions with constant weights alone, and every value of the chain by one node; ranges
// are those of this very graph (a second run with the same ranges would apply them twice).
// Numeric promise: a rounding a weight and bias.
#include <algorithm>
#include <cmath>

#include "passes/match.h"
#include "passes/pass.h"

namespace xpuq {
namespace {

// A channel that is silent on the pictures may not be elsewhere: no channel counts as less than this share of the largest.
constexpr float kLeastShare = 0x1p-8f;

bool is_depthwise(const Graph& g, NodeId n) {
  const Shape& wei = g.input_of(n, 1).type.shape;
  return wei[1] == 1 && wei[0] == g.node(n).attributes.get_int("groups", 1);
}

bool weighted_conv(const Graph& g, NodeId n) {
  const Node& node = g.node(n);
  if (node.op != OpKind::conv || !g.input_of(n, 1).is_constant() || g.input_of(n, 1).type.dtype != DataType::f32) return false;
  return node.inputs.size() == 2 || (node.inputs.size() == 3 && g.input_of(n, 2).is_constant());
}

bool commutes(OpKind op) {
  return op == OpKind::relu || op == OpKind::leaky_relu || op == OpKind::max_pool || op == OpKind::avg_pool || op == OpKind::adaptive_avg_pool;
}

bool zero_pad_in_space(const Node& node) {
  if (node.op != OpKind::pad || node.attributes.get_string("mode") != "constant" || node.attributes.get_float("value", 0) != 0) return false;
  return node.attributes.get_ints("begin").at(1) == 0 && node.attributes.get_ints("end").at(1) == 0;
}

/// A constant as one element a channel of a value of this shape; empty when it varies along other axes.
std::vector<float> per_channel(const Value& constant, const Shape& value) {
  if (!constant.is_constant() || constant.type.dtype != DataType::f32) return {};
  const std::span<const float> data = constant.constant->span<float>();
  const auto channels = static_cast<std::size_t>(value[1]);
  if (data.size() == 1) return std::vector<float>(channels, data[0]);
  const Shape& shape = constant.type.shape;
  const std::size_t axis = shape.size() + 1 - value.size();  // of the channels, aligned at the end as broadcasting does
  if (shape.size() + 1 < value.size() || data.size() != channels || axis >= shape.size() || shape[axis] != value[1]) return {};
  return {data.begin(), data.end()};
}

ValueId add_per_channel(Rewriter& rw, const std::string& name, const std::vector<float>& data, std::size_t rank) {
  Shape shape(rank, 1);
  shape[1] = static_cast<std::int64_t>(data.size());
  return rw.add_constant(name, Tensor::of<float>(DataType::f32, shape, data));
}

/// What is to be divided for v to be divided: additions on the way up, and the convolution or product at its end.
struct Chain {
  std::vector<NodeId> additions;
  NodeId head = NodeId::none;
};

Chain chain_above(const Graph& g, ValueId v) {
  Chain chain;
  for (ValueId at = v;;) {
    const NodeId p = g.value(at).producer;
    if (p == NodeId::none || g.is_output(at) || (at != v && g.uses(at).size() != 1)) return {};
    const Node& node = g.node(p);
    if (weighted_conv(g, p) || (node.op == OpKind::mul && !per_channel(g.input_of(p, 1), g.value(at).type.shape).empty())) {
      chain.head = p;
      return chain;
    }
    if (node.op == OpKind::add && !per_channel(g.input_of(p, 1), g.value(at).type.shape).empty()) chain.additions.push_back(p);
    else if (!commutes(node.op) && !zero_pad_in_space(node)) return {};
    at = node.inputs[0];
  }
}

/// The largest weight that each source channel meets, relative to the largest of its row, over all readers.
std::vector<float> relative_weights(const Graph& g, ValueId v, std::size_t channels) {
  std::vector<float> out(channels, 0.0f);
  for (const Use& use : g.uses(v)) {
    const Tensor& wei = *g.input_of(use.node, 1).constant;
    const std::int64_t groups = g.node(use.node).attributes.get_int("groups", 1), per_group = wei.shape()[1];
    const std::int64_t rows = wei.shape()[0], taps = wei.elements() / std::max<std::int64_t>(rows, 1), window = taps / std::max<std::int64_t>(per_group, 1);
    for (std::int64_t r = 0; r < rows; ++r) {
      const std::span<const float> row = wei.span<float>().subspan(static_cast<std::size_t>(r * taps), static_cast<std::size_t>(taps));
      float most = 0;
      for (float w : row) most = std::max(most, std::abs(w));
      if (most == 0) continue;
      for (std::int64_t t = 0; t < taps; ++t) {
        const auto c = static_cast<std::size_t>(r / (rows / groups) * per_group + t / window);
        out[c] = std::max(out[c], std::abs(row[static_cast<std::size_t>(t)]) / most);
      }
    }
  }
  return out;
}

/// a[c]; empty when v is 0 everywhere.
std::vector<float> shares(const std::vector<ChannelRange>& range) {
  float lo = 0, hi = 0;
  for (const ChannelRange& r : range) lo = std::min(lo, r.lo), hi = std::max(hi, r.hi);
  if (lo == 0 && hi == 0) return {};
  std::vector<float> out;
  for (const ChannelRange& r : range) out.push_back(std::max({kLeastShare, hi > 0 ? r.hi / hi : 0, lo < 0 ? r.lo / lo : 0}));
  return out;
}

std::vector<float> factors(const Graph& g, ValueId v, const std::vector<float>& share) {
  const auto uses = g.uses(v);
  const bool depthwise = std::all_of(uses.begin(), uses.end(), [&](const Use& u) { return is_depthwise(g, u.node); });
  const std::vector<float> weights = depthwise ? std::vector<float>(share.size(), 1.0f) : relative_weights(g, v, share.size());
  std::vector<float> s(share.size());
  double log_mean = 0;
  for (std::size_t c = 0; c < s.size(); ++c) {
    s[c] = depthwise ? share[c] : std::sqrt(share[c] / std::max(weights[c], kLeastShare));
    log_mean += std::log(s[c]) / static_cast<double>(s.size());
  }
  for (float& x : s) x /= static_cast<float>(std::exp(log_mean));
  return s;
}

void divide_head(Rewriter& rw, const Graph& g, NodeId head, const std::vector<float>& s) {
  const Value& second = g.input_of(head, 1);
  if (g.node(head).op == OpKind::mul) {
    const Shape& shape = g.output_of(head).type.shape;
    std::vector<float> k = per_channel(second, shape);
    for (std::size_t c = 0; c < k.size(); ++c) k[c] /= s[c];
    return rw.replace_input(head, 1, add_per_channel(rw, second.name, k, shape.size()));
  }
  Tensor wei = Tensor::of<float>(DataType::f32, second.type.shape, second.constant->span<float>());
  const std::size_t row = static_cast<std::size_t>(wei.elements()) / s.size();
  for (std::size_t i = 0; i < s.size() * row; ++i) wei.data<float>()[i] /= s[i / row];
  rw.replace_input(head, 1, rw.add_constant(second.name, wei));
  if (g.node(head).inputs.size() < 3) return;
  std::vector<float> bias(s.size());
  for (std::size_t c = 0; c < s.size(); ++c) bias[c] = g.input_of(head, 2).constant->data<float>()[c] / s[c];
  rw.replace_input(head, 2, rw.add_constant(g.input_of(head, 2).name, Tensor::of<float>(DataType::f32, {static_cast<std::int64_t>(s.size())}, bias)));
}

void multiply_reader(Rewriter& rw, const Graph& g, NodeId reader, const std::vector<float>& s) {
  const Value& second = g.input_of(reader, 1);
  Tensor wei = Tensor::of<float>(DataType::f32, second.type.shape, second.constant->span<float>());
  const std::int64_t groups = g.node(reader).attributes.get_int("groups", 1), per_group = wei.shape()[1], rows = wei.shape()[0];
  const std::int64_t taps = wei.elements() / std::max<std::int64_t>(rows, 1), window = taps / std::max<std::int64_t>(per_group, 1);
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t t = 0; t < taps; ++t)
      wei.data<float>()[r * taps + t] *= s[static_cast<std::size_t>(r / (rows / groups) * per_group + t / window)];
  rw.replace_input(reader, 1, rw.add_constant(second.name, wei));
}

}  // namespace

Result<Change> equalize_channels(Graph& graph, const PassContext& context) {
  if (!context.channel_ranges) return Change::none;
  Rewriter rw(graph);
  std::size_t equalized = 0;
  const std::vector<NodeId> order(graph.order().begin(), graph.order().end());
  for (NodeId n : order) {
    if (graph.node(n).outputs.size() != 1) continue;
    const ValueId v = graph.node(n).outputs[0];
    const auto range = context.channel_ranges->find(graph.value(v).name);
    const auto uses = graph.uses(v);
    const bool conv_readers = !uses.empty() && std::all_of(uses.begin(), uses.end(), [&](const Use& u) { return u.index == 0 && weighted_conv(graph, u.node); });
    if (range == context.channel_ranges->end() || !conv_readers) continue;
    const Chain chain = chain_above(graph, v);
    const std::vector<float> share = shares(range->second);
    if (chain.head == NodeId::none || share.empty()) continue;
    const std::vector<float> s = factors(graph, v, share);
    divide_head(rw, graph, chain.head, s);
    for (NodeId add : chain.additions) {
      const Shape& shape = graph.output_of(add).type.shape;
      std::vector<float> b = per_channel(graph.input_of(add, 1), shape);
      for (std::size_t c = 0; c < b.size(); ++c) b[c] /= s[c];
      rw.replace_input(add, 1, add_per_channel(rw, graph.input_of(add, 1).name, b, shape.size()));
    }
    const std::vector<Use> readers(uses.begin(), uses.end());
    for (const Use& use : readers) multiply_reader(rw, graph, use.node, s);
    ++equalized;
  }
  if (equalized > 0) context.note("channels of " + std::to_string(equalized) + " values were equalized");
  return rw.commit();
}

}  // namespace xpuq
