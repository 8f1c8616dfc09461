// reduce_mean, _sum, _max, _min, _prod over `axes` (sorted, unique, non-negative, not empty), and argmax along one axis
// (first of equal ones; s64). ONNX ReduceMean, ..., ArgMax. An empty sum is 0, an empty product 1, an empty mean NaN;
// max, min and argmax of nothing are refused.
#include <algorithm>

#include "ops/type_rule.h"

namespace xpuq::ops {
namespace {

std::string axes_problem(const Ints& axes, std::size_t rank) {
  if (axes.empty()) return "axes is empty";
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i] < 0 || axes[i] >= static_cast<std::int64_t>(rank))
      return sentence("axis ", axes[i], " is not below rank ", rank);
    if (i > 0 && axes[i] <= axes[i - 1]) return "axes are not sorted and unique";
  }
  return {};
}

}  // namespace

Inferred infer_reduce(OpKind kind, const Attributes& a, std::span<const TensorType> in) {
  const TensorType& src = in[0];
  const Ints axes = kind == OpKind::argmax ? Ints{a.get_int("axis", 0)} : a.get_ints("axes");
  if (std::string p = axes_problem(axes, src.shape.size()); !p.empty()) return {{}, p};
  const std::int64_t keep = a.get_int("keepdims", 0);
  if (keep != 0 && keep != 1) return refuse("keepdims is ", keep, ", expected 0 or 1");
  if (src.quant) return refuse("src is quantized; dequantize it first");
  if (kind == OpKind::reduce_mean ? !is_float(src.dtype) : src.dtype == DataType::boolean)
    return refuse("not defined for ", to_string(src.dtype));

  Shape dst;
  bool reduces_nothing = false;
  for (std::size_t i = 0; i < src.shape.size(); ++i) {
    const bool reduced = std::find(axes.begin(), axes.end(), static_cast<std::int64_t>(i)) != axes.end();
    if (reduced && src.shape[i] == 0) reduces_nothing = true;
    if (!reduced || keep) dst.push_back(reduced ? 1 : src.shape[i]);
  }
  const bool needs_one = kind == OpKind::reduce_max || kind == OpKind::reduce_min || kind == OpKind::argmax;
  if (needs_one && reduces_nothing && checked_element_count(dst) != 0)
    return refuse("a reduced axis of ", to_string(src.shape), " is empty");
  return result(kind == OpKind::argmax ? DataType::s64 : src.dtype, std::move(dst));
}

}  // namespace xpuq::ops
