//   matmul(x, W)            ==> linear(x, Wt)            W constant of shape [IN, OUT], Wt = transpose(W)
//   matmul(x, dequantize(W)) ==> linear(x, dequantize(Wt))   W a quantized constant: of a model that came quantized
//   matmul(x, W) + b        ==> linear(x, Wt, b)         b constant of shape [OUT]
//   linear(x, Wt) + b       ==> linear(x, Wt, b)
// Exporters write a linear over rank 3 and more this way; the quantizer must see one linear, not a product and a sum;
// some write the bias of a convolution as a sum of its own.
// Precondition: x has rank >= 2; the product has no reader but the sum. Numeric promise: exact.
#include "passes/match.h"
#include "passes/pass.h"
#include "reference/evaluate.h"
#include "support/check.h"

namespace xpuq {
namespace {

Tensor transposed(const Tensor& w) {
  const TensorType type{.dtype = w.dtype(), .shape = w.shape(), .layout = Layout::plain, .quant = {}};
  auto r = evaluate(OpKind::transpose, {{"perm", Ints{1, 0}}}, std::span(&w, 1), std::span(&type, 1));
  XPUQ_CHECK(r.ok(), "a matrix can be transposed");
  return (*r)[0];
}

/// Parameters of the transposed weight.
std::optional<QuantParams> transposed(std::optional<QuantParams> quant) {
  if (quant && quant->axis) quant->axis = 1 - *quant->axis;
  return quant;
}

bool takes_bias(const Graph& g, NodeId n) {
  const OpKind op = g.node(n).op;
  return (op == OpKind::linear || op == OpKind::conv || op == OpKind::conv_transpose) && g.node(n).inputs.size() == 2;
}

/// The shape that a constant must have to be the bias of `n` when it is added to its result.
Shape bias_shape(const Graph& g, NodeId n) {
  const Shape& out = g.output_of(n).type.shape;
  if (g.node(n).op == OpKind::linear) return {out.back()};
  Shape shape(out.size(), 1);
  shape[1] = out[1];
  return shape;
}

}  // namespace

Result<Change> recognize_linear(Graph& graph, const PassContext&) {
  Rewriter rw(graph);
  const std::vector<NodeId> order(graph.order().begin(), graph.order().end());
  const auto replace = [&](NodeId n, NodeId weighted, std::vector<ValueId> inputs, std::vector<std::string> origin) {
    const ValueId out = graph.node(n).outputs[0];
    const bool product = graph.node(weighted).op == OpKind::matmul;
    const ValueId whole = rw.insert_before(n, product ? OpKind::linear : graph.node(weighted).op, std::move(inputs),
                                           graph.node(weighted).attributes, graph.value(out).name, std::move(origin));
    rw.replace_all_uses(out, whole);
    rw.take_name(whole, out);
    rw.erase(n);
  };
  for (NodeId n : order) {
    const Node node = graph.node(n);  // a copy: insertions move the nodes
    if (node.op == OpKind::matmul) {
      const NodeId dq = made_by(graph, node.inputs[1], OpKind::dequantize);
      const Value& w = dq == NodeId::none ? graph.input_of(n, 1) : graph.input_of(dq, 0);
      if (!w.is_constant() || w.type.shape.size() != 2) continue;
      if (dq == NodeId::none && w.type.dtype != DataType::f32) continue;
      ValueId wt = rw.add_constant(w.name, transposed(*w.constant), transposed(w.type.quant));
      if (dq != NodeId::none)
        wt = rw.insert_before(n, OpKind::dequantize, {wt}, graph.node(dq).attributes, graph.output_of(dq).name,
                              graph.node(dq).origin);
      replace(n, n, {node.inputs[0], wt}, node.origin);
    } else if (node.op == OpKind::add) {
      const NodeId weighted = graph.value(node.inputs[0]).producer;
      if (weighted == NodeId::none || !takes_bias(graph, weighted) || readers(graph, node.inputs[0]) != 1) continue;
      const Value& b = graph.input_of(n, 1);
      if (!b.is_constant() || b.type.dtype != DataType::f32 || b.type.shape != bias_shape(graph, weighted)) continue;
      const ValueId bias = rw.add_constant(b.name, b.constant->reshaped({b.type.elements()}));
      replace(n, weighted, {graph.node(weighted).inputs[0], graph.node(weighted).inputs[1], bias},
              merge_origins({&graph.node(weighted).origin, &node.origin}));
    }
  }
  return rw.commit();
}

}  // namespace xpuq
