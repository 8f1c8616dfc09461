//   v -> reader          ==>  v -> quantize -> dequantize -> reader      for every observed value and reader
//   wei (f32) -> conv    ==>  wei (s8, per channel) -> dequantize -> conv
// One quantize a value, one dequantize a reader, as torchao's convert_pt2e followed by its duplicate-dequantize pass
// leaves the graph (pt2e-semantics 4.2). An output observer (pools, concat, flatten) sends every reader, model outputs
// included, through the pair; an input observer only the annotated readers. Fitted codes and biases, if any, are taken as
// they are. Numeric promise: this is quantization;
// codes are those of PyTorch given the same statistics.
#include <algorithm>
#include <map>

#include "passes/pass.h"
#include "quantize/annotate.h"
#include "quantize/quantization.h"

namespace xpuq {
namespace {

Attributes quantize_attributes(const qmath::TensorQuant& q) {
  return {{"scales", Floats{q.scale}}, {"zero_points", Ints{q.zero_point}}, {"type", std::string("s8")}};
}

/// The node that follows `producer` in the order, for insertions right behind it.
class Successors {
 public:
  explicit Successors(const Graph& g) : first_(g.order().empty() ? NodeId::none : g.order().front()) {
    for (std::size_t i = 0; i + 1 < g.order().size(); ++i) next_[g.order()[i]] = g.order()[i + 1];
  }
  NodeId after(NodeId producer) const {
    if (producer == NodeId::none) return first_;
    const auto it = next_.find(producer);
    return it == next_.end() ? NodeId::none : it->second;
  }

 private:
  NodeId first_;
  std::map<NodeId, NodeId> next_;
};

///   layer(x, w, b)  ==>  layer(x, w, b - shift)      a layer without a bias gets one
void shift_bias(Rewriter& rw, const Graph& g, NodeId layer, const std::vector<float>& shift) {
  const Node node = g.node(layer);
  const ValueId out = node.outputs[0];
  std::vector<float> bias(shift.size());
  if (node.inputs.size() > 2) std::ranges::copy(g.value(node.inputs[2]).constant->span<float>(), bias.begin());
  for (std::size_t c = 0; c < bias.size(); ++c) bias[c] -= shift[c];
  const std::string name = node.inputs.size() > 2 ? g.value(node.inputs[2]).name : g.value(out).name + ".bias";
  const ValueId b = rw.add_constant(name, Tensor::of<float>(DataType::f32, {static_cast<std::int64_t>(bias.size())}, bias));
  if (node.inputs.size() > 2) return rw.replace_input(layer, 2, b);
  const ValueId with_bias = rw.insert_before(layer, node.op, {node.inputs[0], node.inputs[1], b}, node.attributes, g.value(out).name, node.origin);
  rw.replace_all_uses(out, with_bias);
  rw.take_name(with_bias, out);
  rw.erase(layer);
}

}  // namespace

Result<Change> convert_quantize(Graph& graph, const PassContext& context) {
  if (!context.quantization) return Change::none;
  const Quantization& quantization = *context.quantization;
  const Annotations annotations = annotate(graph, quantization.recipe);

  std::vector<std::vector<std::string>> members(annotations.groups);
  std::vector<qmath::Scheme> schemes(annotations.groups);
  for (const ObservedValue& o : annotations.observed) {
    members[o.group].push_back(graph.value(o.value).name);
    schemes[o.group] = o.scheme;
  }
  std::vector<qmath::TensorQuant> qparams;
  for (std::uint32_t group = 0; group < annotations.groups; ++group) {
    const std::vector<std::string>& names = members[group];
    XPUQ_ASSIGN(qmath::TensorQuant q, choose_group_qparams(quantization, names, schemes[group]));
    if (q.at_floor) context.note("value '" + names[0] + "' is so small that its scale was raised to 2^-12");
    qparams.push_back(q);
  }

  Rewriter rw(graph);
  const Successors successors(graph);
  ValueId output_observed = ValueId::none;  // a value whose readers all see its quantized form, and that form
  ValueId left_by_output_observer = ValueId::none;
  for (const ObservedValue& o : annotations.observed) {
    const std::string name = graph.value(o.value).name;
    std::vector<Use> readers = o.readers;
    if (o.all_readers) {
      const auto uses = graph.uses(o.value);
      readers.assign(uses.begin(), uses.end());
    }
    const NodeId producer = graph.value(o.value).producer;
    const std::vector<std::string> origin = producer == NodeId::none ? std::vector<std::string>{} : graph.node(producer).origin;
    ValueId source = o.value;
    if (o.value == output_observed)  // observed by another scheme as well: that observer looks at what this one leaves
      source = rw.insert_before(successors.after(producer), OpKind::dequantize, {left_by_output_observer}, {{"to", std::string("f32")}}, name + ".dq", origin);
    const ValueId q = rw.insert_before(successors.after(producer), OpKind::quantize, {source}, quantize_attributes(qparams[o.group]),
                                       name + ".q", origin);
    if (o.all_readers) {
      output_observed = o.value;
      left_by_output_observer = q;
    }
    // A reader that takes the value twice (c + c) gets one dequantize.
    std::map<NodeId, ValueId> per_reader;
    for (const Use& use : readers) {
      ValueId& dq = per_reader.try_emplace(use.node, ValueId::none).first->second;
      if (dq == ValueId::none)
        dq = rw.insert_before(use.node, OpKind::dequantize, {q}, {{"to", std::string("f32")}}, name + ".dq", graph.node(use.node).origin);
      rw.replace_input(use.node, use.index, dq);
    }
    if (o.all_readers && graph.is_output(o.value)) {
      const ValueId dq = rw.append(OpKind::dequantize, {q}, {{"to", std::string("f32")}}, name + ".dq", origin);
      rw.replace_all_uses(o.value, dq);  // only graph outputs are left, and the quantize itself
      for (std::size_t i = 0; i < graph.uses(dq).size(); ++i)
        if (graph.node(graph.uses(dq)[i].node).op == OpKind::quantize) {
          rw.replace_input(graph.uses(dq)[i].node, 0, o.value);
          break;
        }
      rw.take_name(dq, o.value);
    }
  }

  std::map<ValueId, ValueId> quantized_weights;  // a weight shared by several nodes is quantized once
  for (NodeId n : annotations.weighted) {
    const ValueId w = graph.node(n).inputs[1];
    ValueId& wq = quantized_weights.try_emplace(w, ValueId::none).first->second;
    if (wq == ValueId::none) {
      XPUQ_ASSIGN(const qmath::QuantizedWeights quantized, quantize_layer_weights(graph, n, quantization.recipe, quantization.fitting));
      if (quantized.channels_at_floor > 0 && quantization.recipe.weight_scale_floor)
        context.note("weight '" + graph.value(w).name + "': " + std::to_string(quantized.channels_at_floor) + " of " +
                     std::to_string(quantized.quant.scales.size()) + " channels are so small that their scale was raised to 2^-12, as PyTorch does; --weight-scale-floor none keeps their precision");
      wq = rw.add_constant(graph.value(w).name + ".s8", Tensor::of<std::int8_t>(DataType::s8, graph.value(w).type.shape, quantized.codes), quantized.quant);
    }
    const ValueId dq = rw.insert_before(n, OpKind::dequantize, {wq}, {{"to", std::string("f32")}}, graph.value(w).name + ".dq", graph.node(n).origin);
    rw.replace_input(n, 1, dq);
    if (quantization.fitting)
      if (const auto shift = quantization.fitting->bias_shift.find(graph.output_of(n).name); shift != quantization.fitting->bias_shift.end())
        shift_bias(rw, graph, n, shift->second);
  }
  return rw.commit();
}

}  // namespace xpuq
