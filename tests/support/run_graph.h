// Runs a whole graph with the plain-loop interpreter: the oracle of pass and plan tests.
#pragma once

#include <map>
#include <random>
#include <vector>

#include "catch.h"
#include "ir/graph.h"
#include "reference/evaluate.h"

namespace xpuq::test {

inline std::map<ValueId, Tensor> run_graph(const Graph& g, const std::vector<Tensor>& inputs) {
  std::map<ValueId, Tensor> values;
  for (std::size_t i = 0; i < inputs.size(); ++i) values[g.inputs()[i]] = inputs[i];
  for (NodeId n : g.order()) {
    const Node& node = g.node(n);
    if (node.op == OpKind::observe) continue;
    std::vector<Tensor> in;
    std::vector<TensorType> types;
    for (ValueId v : node.inputs) {
      in.push_back(g.value(v).is_constant() ? *g.value(v).constant : values.at(v));
      types.push_back(g.value(v).type);
    }
    auto out = evaluate(node.op, node.attributes, in, types);
    INFO((out.ok() ? std::string() : out.error().text()));
    REQUIRE(out.ok());
    for (std::size_t i = 0; i < node.outputs.size(); ++i) values[node.outputs[i]] = (*out)[i];
  }
  return values;
}

inline std::vector<Tensor> outputs_of(const Graph& g, const std::vector<Tensor>& inputs) {
  const auto values = run_graph(g, inputs);
  std::vector<Tensor> out;
  for (ValueId v : g.outputs()) out.push_back(g.value(v).is_constant() ? *g.value(v).constant : values.at(v));
  return out;
}

/// Seeded inputs of a graph: floats in [-range, range), s8 codes over the whole range, other integers 0 or 1.
inline std::vector<Tensor> random_inputs(const Graph& g, std::uint64_t seed, float range = 2.0f) {
  std::mt19937_64 engine(seed);
  std::vector<Tensor> out;
  for (ValueId v : g.inputs()) {
    const TensorType& type = g.value(v).type;
    Tensor t(type.dtype, type.shape);
    for (std::int64_t i = 0; i < t.elements(); ++i) {
      const double u = static_cast<double>(engine() >> 40) * 0x1p-24;
      if (type.dtype == DataType::f32) t.data<float>()[i] = static_cast<float>((2 * u - 1) * range);
      else if (type.dtype == DataType::s8) t.data<std::int8_t>()[i] = static_cast<std::int8_t>(static_cast<int>(u * 256) - 128);
      else if (type.dtype == DataType::s64) t.data<std::int64_t>()[i] = u < 0.5 ? 0 : 1;
    }
    out.push_back(std::move(t));
  }
  return out;
}


}  // namespace xpuq::test
