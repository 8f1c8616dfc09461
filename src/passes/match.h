// Small questions that rewrites ask of a graph.
#pragma once

#include <cmath>
#include <optional>
#include <utility>

#include "ir/graph.h"

namespace xpuq {

/// The producer of `v` when it is an `op`; none otherwise.
inline NodeId made_by(const Graph& g, ValueId v, OpKind op) {
  const NodeId n = g.value(v).producer;
  return n != NodeId::none && g.node(n).op == op ? n : NodeId::none;
}

/// The f32 constant behind `v` when it has exactly one element.
inline std::optional<float> scalar_of(const Graph& g, ValueId v) {
  const auto& c = g.value(v).constant;
  if (!c || c->dtype() != DataType::f32 || c->elements() != 1) return std::nullopt;
  return c->data<float>()[0];
}

/// True when `v` is a one-element constant within a relative 1e-4 of `expected`: exporters round sqrt(2), 1/6 and
/// their like in different places.
inline bool is_scalar(const Graph& g, ValueId v, double expected) {
  const auto s = scalar_of(g, v);
  return s && std::abs(*s - expected) <= 1e-4 * std::abs(expected);
}

/// For a node with two inputs, one of which is the scalar `expected`: the other input; none when it is not so.
inline ValueId other_than_scalar(const Graph& g, NodeId n, double expected) {
  if (n == NodeId::none) return ValueId::none;
  const auto& in = g.node(n).inputs;
  if (is_scalar(g, in[1], expected)) return in[0];
  if (is_scalar(g, in[0], expected)) return in[1];
  return ValueId::none;
}

/// Number of readers, a graph output counting as one.
inline std::size_t readers(const Graph& g, ValueId v) { return g.uses(v).size() + (g.is_output(v) ? 1 : 0); }

}  // namespace xpuq
