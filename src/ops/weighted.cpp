#include "ops/weighted.h"

#include <algorithm>
#include <cmath>

namespace xpuq::ops {
namespace {

bool is_quantized_s8(const TensorType& t) { return t.dtype == DataType::s8 && t.quant.has_value(); }

std::string int8_problem(const TensorType& src, const TensorType& wei) {
  if (!is_quantized_s8(src) || !src.quant->per_tensor())
    return sentence("src is ", describe(src), ", expected s8 with one scale");
  if (!is_quantized_s8(wei)) return sentence("wei is ", describe(wei), " while src is quantized s8");
  if (wei.quant->axis.value_or(0) != 0)
    return sentence("wei is quantized along axis ", *wei.quant->axis, ", expected 0");
  for (std::int32_t z : wei.quant->zero_points)
    if (z != 0) return sentence("wei has zero point ", z, ", expected 0");
  return {};
}

std::string float_problem(const TensorType& src, const TensorType& wei) {
  if (!is_kernel_float(src.dtype)) return sentence("src is ", describe(src), ", expected f32, bf16 or quantized s8");
  if (wei.dtype != src.dtype) return sentence("wei is ", describe(wei), " while src is ", to_string(src.dtype));
  return {};
}

std::string bias_problem(const TensorType& bia, DataType src, std::int64_t channels) {
  if (bia.dtype != DataType::f32 && !(is_kernel_float(src) && bia.dtype == src))
    return sentence("bia is ", describe(bia), ", expected f32");
  if (bia.shape != Shape{channels}) return sentence("bia has shape ", to_string(bia.shape), ", expected ", channels);
  return {};
}

std::string other_problem(const TensorType& other, const Shape& dst) {
  if (other.shape != dst)
    return sentence("the sum operand has shape ", to_string(other.shape), ", expected ", to_string(dst));
  if (is_kernel_float(other.dtype) || (is_quantized_s8(other) && other.quant->per_tensor())) return {};
  return sentence("the sum operand is ", describe(other), ", expected f32, bf16 or s8 with one scale");
}

bool is_post_op(const std::string& name) {
  if (name == "sum") return true;
  const auto kind = parse_op(name);
  return kind && as_post_op(*kind, {}).has_value();
}

std::string post_op_problem(const Attributes& a) {
  const Strings& kinds = a.get_strings("post_ops");
  for (const std::string& k : kinds)
    if (!is_post_op(k)) return sentence("'", k, "' is no post-op");
  if (std::count(kinds.begin(), kinds.end(), "sum") > 1) return "more than one sum post-op";
  for (const char* name : {"post_alpha", "post_beta"}) {
    const Floats& values = a.get_floats(name);
    if (a.has(name) && values.size() != kinds.size())
      return sentence(name, " has ", values.size(), " entries, expected ", kinds.size());
    for (double v : values)
      if (std::isnan(v)) return sentence(name, " holds NaN");
  }
  return {};
}

Inferred dst_type(const Attributes& a, DataType fallback, Shape shape) {
  const std::string& wanted = a.get_string("dst_type");
  if (a.has("dst_scale")) {
    if (a.has("dst_type") && wanted != "s8") return refuse("dst_type is '", wanted, "' although dst_scale is set");
    TensorType dst{DataType::s8, std::move(shape), Layout::plain,
                   per_tensor(a.get_float("dst_scale", 0), a.get_int("dst_zero_point", 0))};
    return result(std::move(dst));
  }
  if (a.has("dst_zero_point")) return refuse("dst_zero_point is set without dst_scale");
  if (!a.has("dst_type")) return result(fallback, std::move(shape));
  const auto dtype = parse_data_type(wanted);
  if (!dtype || !is_kernel_float(*dtype)) return refuse("dst_type is '", wanted, "', expected 'f32' or 'bf16'");
  return result(*dtype, std::move(shape));
}

}  // namespace

bool is_int8_form(std::span<const TensorType> inputs) {
  return is_quantized_s8(inputs[0]) && is_quantized_s8(inputs[1]);
}

Inferred infer_weighted(const Attributes& a, std::span<const TensorType> in, Shape dst_shape, std::int64_t channels) {
  const bool int8 = in[0].quant.has_value();
  if (std::string p = int8 ? int8_problem(in[0], in[1]) : float_problem(in[0], in[1]); !p.empty()) return {{}, p};
  if (std::string p = post_op_problem(a); !p.empty()) return {{}, p};

  const Strings& kinds = a.get_strings("post_ops");
  const bool has_sum = std::find(kinds.begin(), kinds.end(), "sum") != kinds.end();
  const WeightedInputs at = weighted_inputs(a, in.size());
  if (has_sum && at.other < 0) return refuse("the sum post-op has no operand");
  if (!has_sum && in.size() > 3) return refuse("4 inputs without a sum post-op");
  if (at.bia >= 0)
    if (std::string p = bias_problem(in[2], in[0].dtype, channels); !p.empty()) return {{}, p};
  if (at.other >= 0)
    if (std::string p = other_problem(in[static_cast<std::size_t>(at.other)], dst_shape); !p.empty()) return {{}, p};
  return dst_type(a, int8 ? DataType::f32 : in[0].dtype, std::move(dst_shape));
}

}  // namespace xpuq::ops
