#include "driver/flow_report.h"

#include <algorithm>
#include <unordered_map>

namespace xpuq {
namespace {

Arithmetic arithmetic_of(const Graph& g, const Node& node) {
  if (node.op == OpKind::quantize || node.op == OpKind::dequantize) return Arithmetic::conversion;
  const auto quantized = [&](ValueId v) { return !g.value(v).is_constant() && g.value(v).type.quant.has_value(); };
  return std::any_of(node.inputs.begin(), node.inputs.end(), quantized) || std::any_of(node.outputs.begin(), node.outputs.end(), quantized)
             ? Arithmetic::int8
             : Arithmetic::floating;
}

EndReport end_of(const Value& value, std::int64_t step) {
  return {.name = value.name, .type = std::string(to_string(value.type.dtype)), .shape = to_string(value.type.shape), .step = step};
}

}  // namespace

FlowReport report_flow(const Graph& g) {
  FlowReport flow;
  std::unordered_map<std::uint32_t, std::int64_t> makers;  // of a value, by its number
  const auto at = [](ValueId v) { return static_cast<std::uint32_t>(v); };
  for (ValueId v : g.inputs()) {
    makers[at(v)] = -1 - static_cast<std::int64_t>(flow.inputs.size());
    flow.inputs.push_back(end_of(g.value(v), makers[at(v)]));
  }
  for (NodeId n : g.order()) {
    const Node& node = g.node(n);
    FlowStep step;
    step.index = flow.steps.size();
    step.name = g.output_of(n).name;
    step.op = std::string(to_string(node.op));
    step.nodes = node.origin;
    step.shape = to_string(g.output_of(n).type.shape);
    step.source_type = node.inputs.empty() ? std::string() : std::string(to_string(g.input_of(n, 0).type.dtype));
    step.type = std::string(to_string(g.output_of(n).type.dtype));
    step.arithmetic = arithmetic_of(g, node);
    for (ValueId v : node.inputs) {
      const auto maker = makers.find(at(v));
      if (maker == makers.end()) continue;  // a constant
      step.bytes += g.value(v).type.bytes();
      if (std::find(step.sources.begin(), step.sources.end(), maker->second) == step.sources.end()) step.sources.push_back(maker->second);
    }
    for (ValueId v : node.outputs) {
      makers[at(v)] = static_cast<std::int64_t>(step.index);
      step.bytes += g.value(v).type.bytes();
    }
    flow.steps.push_back(std::move(step));
  }
  for (ValueId v : g.outputs())
    if (const auto maker = makers.find(at(v)); maker != makers.end()) flow.outputs.push_back(end_of(g.value(v), maker->second));
  return flow;
}

}  // namespace xpuq
