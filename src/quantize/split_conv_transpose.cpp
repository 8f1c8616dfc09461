//   conv_transpose(x, wei, bia) {stride s}  ==>  slice(interleave(conv(x, parts of wei, bia repeated)))
// Of every s-th output element the taps are the same, so a transposed convolution is s convolutions (s_h * s_w in two
// dimensions) side by side as channels, whose results are dealt out in turn (sub-pixel convolution: Shi et al. 2016,
// arXiv:1609.05158, read backwards). One axis, k taps, padding p:
//   y[s*q + r - p] = sum over t of x[q - t] * wei[r + s*t],   r < s,   t < T = ceil(k / s)
// so channel (oc, r) of the convolution has the taps wei[r + s*(T-1-u)], u < T, and T-1 elements of padding on both
// sides. That convolution then runs in int8 like any other.
// Only for a recipe that asks for int8 transposed convolutions; the reference has none. Precondition: constant weights,
// no dilation, and an output that ends where some tap can reach. Numeric promise: exact but for the order of sums.
#include <algorithm>

#include "passes/match.h"
#include "passes/pass.h"

namespace xpuq {
namespace {

struct Shape1 {  ///< one spatial axis
  std::int64_t stride, kernel, taps, pad, in, out;
  std::int64_t positions() const { return in + taps - 1; }
};

class Split {
 public:
  Split(Graph& graph, Rewriter& rw, NodeId n) : g_(graph), rw_(rw), n_(n) {}

  bool run() {
    const Node node = g_.node(n_);
    if (node.op != OpKind::conv_transpose || !g_.input_of(n_, 1).is_constant() || g_.input_of(n_, 1).type.dtype != DataType::f32) return false;
    if (node.inputs.size() > 2 && !g_.input_of(n_, 2).is_constant()) return false;
    if (!read_axes(node)) return false;
    const Shape src = g_.input_of(n_, 0).type.shape;
    const std::int64_t groups = node.attributes.get_int("groups", 1);
    out_channels_ = g_.output_of(n_).type.shape[1];
    const std::string name = g_.output_of(n_).name;
    std::vector<ValueId> inputs{node.inputs[0], rw_.add_constant(g_.input_of(n_, 1).name + ".split", weights(src[1], groups))};
    if (node.inputs.size() > 2) inputs.push_back(rw_.add_constant(g_.input_of(n_, 2).name + ".split", bias()));
    Ints ones(axes_.size(), 1), pads;
    for (const Shape1& a : axes_) pads.push_back(a.taps - 1);
    const ValueId conv = emit(OpKind::conv, inputs, {{"strides", ones}, {"dilations", ones}, {"pads_begin", pads}, {"pads_end", pads}, {"groups", groups}}, name + ".conv");
    replace_with(crop(interleave(conv, src[0], name), name));
    return true;
  }

 private:
  bool read_axes(const Node& node) {
    const Shape &src = g_.input_of(n_, 0).type.shape, &wei = g_.input_of(n_, 1).type.shape, &dst = g_.output_of(n_).type.shape;
    for (std::size_t i = 0; i + 2 < src.size(); ++i) {
      if (node.attributes.get_ints("dilations")[i] != 1) return false;
      Shape1 a{.stride = node.attributes.get_ints("strides")[i], .kernel = wei[i + 2], .taps = 0, .pad = node.attributes.get_ints("pads_begin")[i], .in = src[i + 2], .out = dst[i + 2]};
      a.taps = (a.kernel + a.stride - 1) / a.stride;
      if (a.in < 1 || a.pad < 0 || a.pad + a.out > a.stride * a.positions()) return false;
      axes_.push_back(a);
    }
    return !axes_.empty();
  }

  std::int64_t parts() const {
    std::int64_t n = 1;
    for (const Shape1& a : axes_) n *= a.stride;
    return n;
  }

  /// [IC, OC/groups, k...] -> [OC * parts, IC/groups, T...]; taps beyond the kernel are 0.
  Tensor weights(std::int64_t in_channels, std::int64_t groups) const {
    const Tensor& wei = *g_.input_of(n_, 1).constant;
    const std::int64_t ic = in_channels / groups, oc = out_channels_ / groups, count = parts();
    Shape shape{out_channels_ * count, ic};
    std::int64_t taps = 1, kernel = 1;
    for (const Shape1& a : axes_) {
      shape.push_back(a.taps);
      taps *= a.taps;
      kernel *= a.kernel;
    }
    Tensor out(DataType::f32, shape);
    float* to = out.data<float>();
    for (std::int64_t c = 0; c < out_channels_; ++c)
      for (std::int64_t r = 0; r < count; ++r)
        for (std::int64_t i = 0; i < ic; ++i)
          for (std::int64_t u = 0; u < taps; ++u, ++to)
            if (const std::int64_t k = tap(r, u); k >= 0) *to = wei.data<float>()[(((c / oc) * ic + i) * oc + c % oc) * kernel + k];
    return out;
  }

  /// Place in the kernel of tap u of part r, both row-major over the axes; -1 beyond it.
  std::int64_t tap(std::int64_t r, std::int64_t u) const {
    std::int64_t place = 0, unit = 1;
    for (std::size_t i = axes_.size(); i-- > 0;) {
      const Shape1& a = axes_[i];
      const std::int64_t k = r % a.stride + a.stride * (a.taps - 1 - u % a.taps);
      if (k >= a.kernel) return -1;
      place += k * unit;
      unit *= a.kernel;
      r /= a.stride;
      u /= a.taps;
    }
    return place;
  }

  Tensor bias() const {
    const Tensor& bia = *g_.input_of(n_, 2).constant;
    Tensor out(DataType::f32, {out_channels_ * parts()});
    for (std::int64_t i = 0; i < out.elements(); ++i) out.data<float>()[i] = bia.data<float>()[i / parts()];
    return out;
  }

  /// [N, OC * s_h * s_w, Q_h, Q_w] -> [N, OC, s_h, s_w, Q_h, Q_w] -> [N, OC, Q_h, s_h, Q_w, s_w] -> [N, OC, Q_h * s_h, Q_w * s_w]
  ValueId interleave(ValueId v, std::int64_t batch, const std::string& name) {
    const std::size_t axes = axes_.size();
    Shape apart{batch, out_channels_}, together{batch, out_channels_};
    for (const Shape1& a : axes_) apart.push_back(a.stride);
    for (const Shape1& a : axes_) {
      apart.push_back(a.positions());
      together.push_back(a.stride * a.positions());
    }
    Ints perm{0, 1};
    for (std::size_t i = 0; i < axes; ++i) {
      perm.push_back(static_cast<std::int64_t>(2 + axes + i));
      perm.push_back(static_cast<std::int64_t>(2 + i));
    }
    v = emit(OpKind::reshape, {v}, {{"shape", apart}}, name + ".apart");
    v = emit(OpKind::transpose, {v}, {{"perm", perm}}, name + ".dealt");
    return emit(OpKind::reshape, {v}, {{"shape", together}}, name + ".together");
  }

  ValueId crop(ValueId v, const std::string& name) {
    const Shape whole = g_.value(v).type.shape;
    Ints starts{0, 0}, sizes{whole[0], whole[1]}, steps(whole.size(), 1);
    for (const Shape1& a : axes_) {
      starts.push_back(a.pad);
      sizes.push_back(a.out);
    }
    return sizes == whole ? v : emit(OpKind::slice, {v}, {{"starts", starts}, {"sizes", sizes}, {"steps", steps}}, name);
  }

  ValueId emit(OpKind op, std::vector<ValueId> inputs, Attributes attributes, const std::string& name) {
    return rw_.insert_before(n_, op, std::move(inputs), std::move(attributes), name, g_.node(n_).origin);
  }
  void replace_with(ValueId v) {
    const ValueId out = g_.node(n_).outputs[0];
    rw_.replace_all_uses(out, v);
    rw_.take_name(v, out);
    rw_.erase(n_);
  }

  Graph& g_;
  Rewriter& rw_;
  NodeId n_;
  std::vector<Shape1> axes_;
  std::int64_t out_channels_ = 0;
};

}  // namespace

Result<Change> split_conv_transpose(Graph& graph, const PassContext& context) {
  if (!context.split_conv_transpose) return Change::none;
  Rewriter rw(graph);
  const std::vector<NodeId> order(graph.order().begin(), graph.order().end());
  for (NodeId n : order) Split(graph, rw, n).run();
  return rw.commit();
}

}  // namespace xpuq
