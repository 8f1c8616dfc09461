//   src -> conv(wei, bia) -> batchnorm(gamma, beta, mean, var) -> dst
//   ==>  src -> conv(wei', bia') -> dst          r = 1 / sqrt(var + eps)
//   conv:    wei' = wei * (gamma * r)            bia' = (((bia - mean) * r) * gamma) + beta
//   linear:  s = gamma * r;  wei' = wei * s      bia' = ((bia - mean) * s) + beta
// Every operation is one f32 rounding, in the association of torch's fuse_conv_bn / fuse_linear_bn (pt2e-semantics
// 4.1), so that the folded bits are PyTorch's. conv_transpose scales axis 1 of its weight, per group.
// Precondition: the batch norm is the only reader; weights, bias and statistics are constants; a linear has rank 2.
// A weight that other nodes share is copied, not changed. Numeric promise: bit-equal to PyTorch.
#include <cmath>

#include "passes/match.h"
#include "passes/pass.h"

namespace xpuq {
namespace {

struct Channels {
  std::int64_t outer, count, inner;  // the weight seen as [outer, channel, inner]
};

Channels channels_of(OpKind op, const Shape& wei, std::int64_t groups) {
  if (op != OpKind::conv_transpose) return {1, wei[0], element_count(wei) / std::max<std::int64_t>(wei[0], 1)};
  std::int64_t inner = 1;
  for (std::size_t i = 2; i < wei.size(); ++i) inner *= wei[i];
  // [IC, OC/groups, k...]: the output channel is group * OC/groups + position in axis 1.
  return {wei[0], wei[1] * groups, inner};
}

Result<Change> refuse(const PassContext& context, const Graph& g, NodeId bn, const std::string& why) {
  context.note("batch norm '" + g.output_of(bn).name + "' stays a float operation: " + why);
  return Change::none;
}

}  // namespace

Result<Change> fold_batchnorm(Graph& graph, const PassContext& context) {
  Rewriter rw(graph);
  const std::vector<NodeId> order(graph.order().begin(), graph.order().end());
  for (NodeId bn : order) {
    const Node& norm = graph.node(bn);
    if (norm.op != OpKind::batchnorm) continue;
    const Node* before = graph.producer(norm.inputs[0]);
    const bool weighted = before && (before->op == OpKind::conv || before->op == OpKind::conv_transpose ||
                                     (before->op == OpKind::linear && graph.value(norm.inputs[0]).type.shape.size() == 2));
    if (!weighted) continue;
    if (readers(graph, norm.inputs[0]) != 1) {
      (void)refuse(context, graph, bn, "the operation before it has other readers");
      continue;
    }
    bool constants = graph.value(before->inputs[1]).is_constant() && graph.value(before->inputs[1]).type.dtype == DataType::f32;
    if (before->inputs.size() > 2) constants = constants && graph.value(before->inputs[2]).is_constant();
    for (std::size_t i = 1; i < 5; ++i) constants = constants && graph.input_of(bn, i).is_constant();
    if (!constants || before->inputs.size() > 3) {
      (void)refuse(context, graph, bn, "its statistics or the weight before it are not constants");
      continue;
    }

    const Tensor& wei = *graph.value(before->inputs[1]).constant;
    const std::int64_t groups = before->op == OpKind::conv_transpose ? before->attributes.get_int("groups", 1) : 1;
    const Channels ch = channels_of(before->op, wei.shape(), groups);
    const auto column = [&](std::size_t i) { return graph.input_of(bn, i).constant->data<float>(); };
    const float *gamma = column(1), *beta = column(2), *mean = column(3), *var = column(4);
    const float eps = static_cast<float>(norm.attributes.get_float("eps", 1e-5));

    Tensor new_wei(DataType::f32, wei.shape());
    Tensor new_bia(DataType::f32, {ch.count});
    std::vector<float> scale(static_cast<std::size_t>(ch.count));
    for (std::int64_t c = 0; c < ch.count; ++c) {
      const float r = 1.0f / std::sqrt(var[c] + eps);
      const float b = before->inputs.size() > 2 ? graph.value(before->inputs[2]).constant->data<float>()[c] : 0.0f;
      scale[static_cast<std::size_t>(c)] = gamma[c] * r;
      new_bia.data<float>()[c] = before->op == OpKind::linear ? (b - mean[c]) * (gamma[c] * r) + beta[c]
                                                               : ((b - mean[c]) * r) * gamma[c] + beta[c];
    }
    const std::int64_t per_group = ch.count / groups;  // channels on axis 1 of a conv_transpose weight
    const std::int64_t rows_per_group = std::max<std::int64_t>(ch.outer / groups, 1);
    for (std::int64_t o = 0; o < ch.outer; ++o)
      for (std::int64_t c = 0; c < per_group; ++c) {
        const std::int64_t channel = ch.outer == 1 && groups == 1 ? c : (o / rows_per_group) * per_group + c;
        const std::int64_t at = (o * per_group + c) * ch.inner;
        for (std::int64_t i = 0; i < ch.inner; ++i)
          new_wei.data<float>()[at + i] = wei.data<float>()[at + i] * scale[static_cast<std::size_t>(channel)];
      }

    const std::string& wei_name = graph.value(before->inputs[1]).name;
    const ValueId w = rw.add_constant(wei_name, new_wei);
    const ValueId b = rw.add_constant(before->inputs.size() > 2 ? graph.value(before->inputs[2]).name : wei_name + "_bias", new_bia);
    const ValueId src = graph.node(graph.value(norm.inputs[0]).producer).inputs[0];
    const ValueId out = norm.outputs[0];
    const ValueId folded = rw.insert_before(bn, before->op, {src, w, b}, before->attributes, graph.value(out).name,
                                            merge_origins({&before->origin, &norm.origin}));
    rw.replace_all_uses(out, folded);
    rw.take_name(folded, out);
    rw.erase(bn);
  }
  return rw.commit();
}

}  // namespace xpuq
