//   dequantize(q) -> unary -> ... -> unary -> quantize      ==>  lookup(q, table)
// A chain of pointwise operations between two quantized values has 256 possible inputs, so it is a table, computed
// here by the interpreter. Binary operations with a scalar constant are links of the chain too; a chain without links
// is a requantization. Precondition: inner values have no other reader. Numeric promise: exact to the interpreter.
#include <algorithm>

#include "passes/match.h"
#include "passes/pass.h"
#include "reference/evaluate.h"

namespace xpuq {
namespace {

/// The operand of a node that is a link of a chain: its only input, or the one that is not a scalar constant.
std::optional<std::size_t> chained_input(const Graph& g, NodeId n) {
  const Node& node = g.node(n);
  if (is_unary(node.op)) return 0;
  if (!is_binary(node.op) || g.output_of(n).type.dtype != DataType::f32) return std::nullopt;
  if (scalar_of(g, node.inputs[1])) return 0;
  if (scalar_of(g, node.inputs[0])) return 1;
  return std::nullopt;
}

}  // namespace

Result<Change> fuse_lookup(Graph& graph, const PassContext&) {
  Rewriter rw(graph);
  const std::vector<NodeId> order(graph.order().begin(), graph.order().end());
  for (NodeId n : order) {
    const Node& last = graph.node(n);
    if (last.op != OpKind::quantize || last.attributes.has("axis") || last.attributes.get_string("type") != "s8") continue;
    std::vector<NodeId> chain;  // from the quantize back to the dequantize
    ValueId v = last.inputs[0];
    NodeId p = graph.value(v).producer;
    while (p != NodeId::none && readers(graph, v) == 1 && graph.node(p).op != OpKind::dequantize) {
      const auto input = chained_input(graph, p);
      if (!input || graph.output_of(p).type.dtype != DataType::f32) break;
      chain.push_back(p);
      v = graph.node(p).inputs[*input];
      p = graph.value(v).producer;
    }
    if (p == NodeId::none || graph.node(p).op != OpKind::dequantize) continue;
    const ValueId source = graph.node(p).inputs[0];
    const TensorType& source_type = graph.value(source).type;
    if (source_type.dtype != DataType::s8 || !source_type.quant->per_tensor() || graph.value(source).is_constant()) continue;
    if (graph.output_of(n).type.shape != source_type.shape) continue;

    Tensor codes(DataType::s8, {256});
    for (int q = -128; q < 128; ++q) codes.data<std::int8_t>()[q + 128] = static_cast<std::int8_t>(q);
    TensorType type{.dtype = DataType::s8, .shape = {256}, .layout = Layout::plain, .quant = source_type.quant};
    const auto step = [&](OpKind op, const Attributes& attributes, std::vector<Tensor> in, std::vector<TensorType> types) -> Result<Tensor> {
      XPUQ_ASSIGN(std::vector<Tensor> out, evaluate(op, attributes, in, types));
      return out[0];
    };
    XPUQ_ASSIGN(Tensor x, step(OpKind::dequantize, graph.node(p).attributes, {codes}, {type}));
    type = {.dtype = DataType::f32, .shape = {256}, .layout = Layout::plain, .quant = {}};
    std::vector<std::string> origin;
    for (auto it = chain.rbegin(); it != chain.rend(); ++it) {
      const Node& link = graph.node(*it);
      const std::size_t input = *chained_input(graph, *it);
      std::vector<Tensor> in{x};
      std::vector<TensorType> types{type};
      if (link.inputs.size() == 2) {
        const Value& scalar = graph.value(link.inputs[1 - input]);
        const TensorType scalar_type{.dtype = DataType::f32, .shape = {}, .layout = Layout::plain, .quant = {}};
        in.insert(input == 0 ? in.end() : in.begin(), scalar.constant->reshaped({}));
        types.insert(input == 0 ? types.end() : types.begin(), scalar_type);
      }
      XPUQ_ASSIGN(x, step(link.op, link.attributes, in, types));
      origin = merge_origins({&origin, &link.origin});
    }
    XPUQ_ASSIGN(Tensor table, step(OpKind::quantize, last.attributes, {x}, {type}));
    const ValueId t = rw.add_constant(graph.value(last.outputs[0]).name + ".table", table);
    const ValueId out = last.outputs[0];
    const ValueId result = rw.insert_before(n, OpKind::lookup, {source, t},
                                            {{"dst_scale", last.attributes.get_floats("scales")[0]}, {"dst_zero_point", last.attributes.get_ints("zero_points")[0]}},
                                            graph.value(out).name, origin.empty() ? last.origin : origin);
    rw.replace_all_uses(out, result);
    rw.take_name(result, out);
    rw.erase(n);
  }
  return rw.commit();
}

}  // namespace xpuq
