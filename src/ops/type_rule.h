// What the type rules share: how a rule answers, and the questions that many of them ask.
#pragma once

#include <cstdint>
#include <sstream>
#include <string>
#include <utility>

#include "ops/infer.h"

namespace xpuq::ops {

/// No dimension is larger, and no tensor has more elements: products of a few such numbers fit 64 bits, so the rules
/// need not fear overflow after infer() has looked at the inputs.
inline constexpr std::int64_t kMaxDimension = std::int64_t{1} << 40;
inline constexpr std::int64_t kMaxElements = std::int64_t{1} << 56;
inline constexpr std::size_t kMaxRank = 16;

template <class... Parts>
std::string sentence(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return std::move(out).str();
}
template <class... Parts>
Inferred refuse(const Parts&... parts) {
  return {{}, sentence(parts...)};
}
inline Inferred result(TensorType type) { return {{std::move(type)}, {}}; }
inline Inferred result(DataType dtype, Shape shape) {
  return result(TensorType{dtype, std::move(shape), Layout::plain, {}});
}

/// Why a type cannot be that of any value (negative or huge dimensions, unsound quantization); empty when sound.
std::string type_problem(const TensorType& type);
/// The same for the quantization parameters alone.
std::string quant_problem(const QuantParams& quant, DataType dtype, const Shape& shape);
/// Per-tensor parameters from attributes, which hold doubles; the scale is rounded to f32.
QuantParams per_tensor(double scale, std::int64_t zero_point);

/// The type of codes whose parameters are the attributes `scales`, `zero_points` and `axis`.
Inferred quantized(const Attributes& attributes, DataType dtype, const Shape& shape);

/// f32 and bf16: what the kernels compute in.
bool is_kernel_float(DataType dtype);
/// Every float type; pointwise operations and reductions take all of them, so that any constant can be folded.
bool is_float(DataType dtype);
bool is_integer(DataType dtype);
bool is_signed_integer(DataType dtype);

/// "f32 1x3x8x8", "quantized s8 4": how messages name a type.
std::string describe(const TensorType& type);

/// Why a value of this type cannot pass through an operation that only moves elements; empty when it can. Integers
/// with one scale can: a copy of a code means the same real number. Per-channel ones cannot, their axis may move.
std::string pass_problem(const TensorType& type);

/// The type with another shape, in plain layout.
TensorType with_shape(const TensorType& type, Shape shape);

}  // namespace xpuq::ops
