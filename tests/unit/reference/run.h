// Shorthand: tensors with their types, one call of the interpreter, exact or near comparison.
#pragma once

#include <initializer_list>
#include <vector>

#include "catch.h"
#include "reference/evaluate.h"

namespace run {

using namespace xpuq;

struct Value {
  Tensor tensor;
  TensorType type;
};

template <class T>
Value value(DataType dtype, Shape shape, std::vector<T> elements) {
  REQUIRE(element_count(shape) == static_cast<std::int64_t>(elements.size()));
  Tensor t(dtype, shape);
  std::copy(elements.begin(), elements.end(), t.data<T>());
  return {t, {dtype, shape, Layout::plain, {}}};
}
inline Value f32(Shape shape, std::vector<float> v) { return value(DataType::f32, shape, std::move(v)); }
inline Value s64(Shape shape, std::vector<std::int64_t> v) { return value(DataType::s64, shape, std::move(v)); }
inline Value s32(Shape shape, std::vector<std::int32_t> v) { return value(DataType::s32, shape, std::move(v)); }
inline Value boolean(Shape shape, std::vector<std::uint8_t> v) { return value(DataType::boolean, shape, std::move(v)); }
/// The bits of bf16 numbers.
inline Value bf16(Shape shape, std::vector<std::uint16_t> v) { return value(DataType::bf16, shape, std::move(v)); }
inline Value s8(Shape shape, std::vector<std::int8_t> v) { return value(DataType::s8, shape, std::move(v)); }
inline Value q8(Shape shape, std::vector<std::int8_t> v, float scale, std::int32_t zero_point) {
  Value out = s8(shape, std::move(v));
  out.type.quant = QuantParams{{scale}, {zero_point}, {}};
  return out;
}
/// s8 weights with one scale for each element of axis 0.
inline Value weights(Shape shape, std::vector<std::int8_t> v, std::vector<float> scales) {
  Value out = s8(shape, std::move(v));
  out.type.quant = QuantParams{scales, std::vector<std::int32_t>(scales.size(), 0), 0};
  return out;
}
/// 1, 2, 3, ...
inline Value count_up(Shape shape) {
  std::vector<float> v;
  for (std::int64_t i = 0; i < element_count(shape); ++i) v.push_back(static_cast<float>(i + 1));
  return f32(shape, std::move(v));
}

inline Result<std::vector<Tensor>> attempt(OpKind kind, const Attributes& attributes,
                                           const std::vector<Value>& inputs) {
  std::vector<Tensor> tensors;
  std::vector<TensorType> types;
  for (const Value& v : inputs) {
    tensors.push_back(v.tensor);
    types.push_back(v.type);
  }
  return evaluate(kind, attributes, tensors, types);
}
inline Tensor apply(OpKind kind, const Attributes& attributes, const std::vector<Value>& inputs) {
  auto result = attempt(kind, attributes, inputs);
  INFO((result.ok() ? std::string() : result.error().text()));
  REQUIRE(result.ok());
  return result.value().at(0);
}

template <class T>
std::vector<T> elements(const Tensor& t) {
  return {t.span<T>().begin(), t.span<T>().end()};
}
inline std::vector<float> floats(OpKind kind, const Attributes& attributes, const std::vector<Value>& inputs) {
  const Tensor t = apply(kind, attributes, inputs);
  REQUIRE(t.dtype() == DataType::f32);
  return elements<float>(t);
}
inline std::vector<int> codes(OpKind kind, const Attributes& attributes, const std::vector<Value>& inputs) {
  const Tensor t = apply(kind, attributes, inputs);
  REQUIRE(t.dtype() == DataType::s8);
  return {t.span<std::int8_t>().begin(), t.span<std::int8_t>().end()};
}
inline std::vector<std::int64_t> integers(OpKind kind, const Attributes& attributes, const std::vector<Value>& inputs) {
  const Tensor t = apply(kind, attributes, inputs);
  REQUIRE(t.dtype() == DataType::s64);
  return elements<std::int64_t>(t);
}
inline std::vector<int> flags(OpKind kind, const Attributes& attributes, const std::vector<Value>& inputs) {
  const Tensor t = apply(kind, attributes, inputs);
  REQUIRE(t.dtype() == DataType::boolean);
  return {t.span<std::uint8_t>().begin(), t.span<std::uint8_t>().end()};
}

/// Within a few units in the last place of f32, for functions of <cmath>.
inline void check_near(const std::vector<float>& got, const std::vector<float>& expected, double margin = 2e-7) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO("element " << i);
    CHECK(static_cast<double>(got[i]) == Approx(static_cast<double>(expected[i])).epsilon(1e-6).margin(margin));
  }
}

using Floats32 = std::vector<float>;
using Codes = std::vector<int>;

}  // namespace run
