// Shorthand for tables of type rules.
#pragma once

#include <string>
#include <vector>

#include "catch.h"
#include "ops/op.h"

namespace rules {

using namespace xpuq;

inline TensorType type(DataType dtype, Shape shape) { return {dtype, std::move(shape), Layout::plain, {}}; }
inline TensorType f32(Shape shape) { return type(DataType::f32, std::move(shape)); }
inline TensorType bf16(Shape shape) { return type(DataType::bf16, std::move(shape)); }
inline TensorType s64(Shape shape) { return type(DataType::s64, std::move(shape)); }
inline TensorType boolean(Shape shape) { return type(DataType::boolean, std::move(shape)); }
/// s8 with one scale.
inline TensorType q8(Shape shape, float scale = 0.5f, std::int32_t zero_point = 3) {
  return {DataType::s8, std::move(shape), Layout::plain, QuantParams{{scale}, {zero_point}, {}}};
}
/// s8 with one scale for each element of axis 0.
inline TensorType weights(Shape shape) {
  const auto n = static_cast<std::size_t>(shape[0]);
  return {DataType::s8, std::move(shape), Layout::plain,
          QuantParams{std::vector<float>(n, 0.25f), std::vector<std::int32_t>(n, 0), 0}};
}

/// "f32 1x2", "s8 1x2 *0.5+3", or "! " and the problem.
inline std::string outcome(OpKind kind, const Attributes& attributes, const std::vector<TensorType>& inputs) {
  const Inferred got = infer(kind, attributes, inputs);
  if (!got.ok()) return "! " + got.problem;
  std::string out;
  for (const TensorType& t : got.types) {
    out += std::string(to_string(t.dtype)) + " " + to_string(t.shape);
    if (t.quant && t.quant->per_tensor())
      out += " *" + std::to_string(t.quant->scales[0]).substr(0, 4) + "+" + std::to_string(t.quant->zero_points[0]);
    else if (t.quant) out += " axis " + std::to_string(*t.quant->axis);
  }
  return out;
}

struct Row {
  OpKind kind;
  Attributes attributes;
  std::vector<TensorType> inputs;
  std::string expected;
};

inline void check(const std::vector<Row>& table) {
  REQUIRE(!table.empty());
  for (const Row& row : table) {
    INFO(to_string(row.kind) << to_string(row.attributes));
    CHECK(outcome(row.kind, row.attributes, row.inputs) == row.expected);
  }
}

}  // namespace rules
