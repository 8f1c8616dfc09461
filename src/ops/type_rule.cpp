#include "ops/type_rule.h"

#include <cmath>
#include <limits>

namespace xpuq::ops {

std::string type_problem(const TensorType& type) {
  if (type.shape.size() > kMaxRank) return sentence("rank ", type.shape.size(), " is more than ", kMaxRank);
  for (std::int64_t d : type.shape)
    if (d < 0 || d > kMaxDimension) return sentence("dimension ", d, " is not in 0..2^40");
  const auto count = checked_element_count(type.shape);
  if (!count || *count > kMaxElements) return sentence("shape ", to_string(type.shape), " has more than 2^56 elements");
  return type.quant ? quant_problem(*type.quant, type.dtype, type.shape) : std::string();
}

std::string quant_problem(const QuantParams& quant, DataType dtype, const Shape& shape) {
  if (dtype != DataType::s8 && dtype != DataType::u8)
    return sentence(to_string(dtype), " has quantization parameters, only s8 and u8 may");
  std::int64_t count = 1;
  if (quant.axis) {
    if (*quant.axis < 0 || static_cast<std::size_t>(*quant.axis) >= shape.size())
      return sentence("quantization axis ", *quant.axis, " is not in 0..", static_cast<std::int64_t>(shape.size()) - 1);
    count = shape[static_cast<std::size_t>(*quant.axis)];
  }
  if (quant.scales.size() != static_cast<std::size_t>(count))
    return sentence(quant.scales.size(), " scales, expected ", count);
  if (quant.zero_points.size() != static_cast<std::size_t>(count))
    return sentence(quant.zero_points.size(), " zero points, expected ", count);
  for (float s : quant.scales)
    if (!std::isfinite(s) || s <= 0) return sentence("scale ", s, " is not finite and positive");
  const std::int32_t low = dtype == DataType::s8 ? -128 : 0;
  for (std::int32_t z : quant.zero_points)
    if (z < low || z > low + 255) return sentence("zero point ", z, " is not in ", low, "..", low + 255);
  return {};
}

QuantParams per_tensor(double scale, std::int64_t zero_point) {
  // A zero point outside s32 stays outside the range of s8 and u8 when it is clamped, so the check after refuses it.
  using Limits = std::numeric_limits<std::int32_t>;
  const std::int64_t z = zero_point < Limits::min()   ? Limits::min()
                         : zero_point > Limits::max() ? Limits::max()
                                                      : zero_point;
  return {{static_cast<float>(scale)}, {static_cast<std::int32_t>(z)}, {}};
}

Inferred quantized(const Attributes& a, DataType dtype, const Shape& shape) {
  QuantParams quant;
  for (double s : a.get_floats("scales")) quant.scales.push_back(static_cast<float>(s));
  for (std::int64_t z : a.get_ints("zero_points")) quant.zero_points.push_back(per_tensor(1, z).zero_points[0]);
  if (a.has("axis")) {
    const std::int64_t axis = a.get_int("axis", 0);
    if (axis < 0 || axis >= static_cast<std::int64_t>(shape.size()))
      return refuse("axis ", axis, " is not below rank ", shape.size());
    quant.axis = static_cast<int>(axis);
  }
  if (std::string p = quant_problem(quant, dtype, shape); !p.empty()) return {{}, p};
  return result(TensorType{dtype, shape, Layout::plain, std::move(quant)});
}

bool is_kernel_float(DataType dtype) { return dtype == DataType::f32 || dtype == DataType::bf16; }
bool is_float(DataType dtype) { return is_kernel_float(dtype) || dtype == DataType::f16 || dtype == DataType::f64; }
bool is_integer(DataType dtype) { return !is_float(dtype) && dtype != DataType::boolean; }
bool is_signed_integer(DataType dtype) { return is_integer(dtype) && dtype != DataType::u8; }

std::string describe(const TensorType& type) {
  return sentence(type.quant ? "quantized " : "", to_string(type.dtype), " ", to_string(type.shape));
}

std::string pass_problem(const TensorType& type) {
  if (type.quant && !type.quant->per_tensor()) return "src is quantized per channel";
  return {};
}

TensorType with_shape(const TensorType& type, Shape shape) {
  return {type.dtype, std::move(shape), Layout::plain, type.quant};
}

}  // namespace xpuq::ops
