// A copy of data in which some elements are replaced by updates, or combined with them by `reduction` ("none", "add",
// "mul", "min", "max"); of several updates of one element the last wins, or all are combined in order.
//   scatter_elements (data, indices, updates): dst[i, indices[i, j, k], k] for axis 1 (ONNX ScatterElements)
//   scatter_nd: the last axis of indices holds positions on the first axes of data (ONNX ScatterND)
// A negative index counts from the end; one out of range is an error when evaluated.
#include <algorithm>

#include "ops/type_rule.h"

namespace xpuq::ops {
namespace {

std::string elements_problem(const Attributes& a, const Shape& data, const Shape& indices, const Shape& updates) {
  const std::int64_t axis = a.get_int("axis", 0);
  if (axis < 0 || axis >= static_cast<std::int64_t>(data.size()))
    return sentence("axis ", axis, " is not below rank ", data.size());
  bool fits = indices.size() == data.size();
  for (std::size_t i = 0; fits && i < data.size(); ++i)
    fits = static_cast<std::int64_t>(i) == axis || indices[i] <= data[i];
  if (!fits) return sentence("indices ", to_string(indices), " do not fit data ", to_string(data), " on axis ", axis);
  if (updates != indices) return sentence("updates are ", to_string(updates), ", indices ", to_string(indices));
  return {};
}

std::string nd_problem(const Shape& data, const Shape& indices, const Shape& updates) {
  if (indices.empty()) return "indices have rank 0, expected at least 1";
  const std::int64_t depth = indices.back();
  if (depth < 1 || depth > static_cast<std::int64_t>(data.size()))
    return sentence("positions have ", depth, " entries, expected 1..", data.size());
  Shape wanted(indices.begin(), indices.end() - 1);
  wanted.insert(wanted.end(), data.begin() + depth, data.end());
  if (updates != wanted) return sentence("updates are ", to_string(updates), ", expected ", to_string(wanted));
  return {};
}

}  // namespace

Inferred infer_scatter(OpKind kind, const Attributes& a, std::span<const TensorType> in) {
  const std::string& reduction = a.get_string("reduction");
  if (reduction != "none" && reduction != "add" && reduction != "mul" && reduction != "min" && reduction != "max")
    return refuse("reduction is '", reduction, "', expected 'none', 'add', 'mul', 'min' or 'max'");
  if (in[0].quant || in[2].quant) return refuse("input ", in[0].quant ? 0 : 2, " is quantized; dequantize it first");
  if (in[0].dtype != in[2].dtype)
    return refuse("data are ", to_string(in[0].dtype), ", updates ", to_string(in[2].dtype));
  if (reduction != "none" && in[0].dtype == DataType::boolean) return refuse("booleans have no '", reduction, "'");
  if (in[1].dtype != DataType::s64 && in[1].dtype != DataType::s32)
    return refuse("indices are ", to_string(in[1].dtype), ", expected s64 or s32");
  const std::string p = kind == OpKind::scatter_elements
                            ? elements_problem(a, in[0].shape, in[1].shape, in[2].shape)
                            : nd_problem(in[0].shape, in[1].shape, in[2].shape);
  if (!p.empty()) return {{}, p};
  return result(in[0].dtype, in[0].shape);
}

}  // namespace xpuq::ops
