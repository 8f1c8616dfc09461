// slice: dst[i] = src[start + i * step] for `sizes` elements of every axis; a step may be negative, none may leave src.
// Importers resolve negative and open ends of ONNX Slice and aten.slice.
#include "ops/type_rule.h"

namespace xpuq::ops {
namespace {

bool stays_inside(std::int64_t start, std::int64_t size, std::int64_t step, std::int64_t dim) {
  if (size == 0) return true;
  if (start < 0 || start >= dim) return false;
  // As divisions, so that no step overflows; unsigned because -INT64_MIN does not exist.
  const auto more = static_cast<std::uint64_t>(size - 1);
  if (step > 0) return more <= static_cast<std::uint64_t>(dim - 1 - start) / static_cast<std::uint64_t>(step);
  return more <= static_cast<std::uint64_t>(start) / (0 - static_cast<std::uint64_t>(step));
}

}  // namespace

Inferred infer_slice(OpKind, const Attributes& a, std::span<const TensorType> in) {
  const Shape& src = in[0].shape;
  if (std::string p = pass_problem(in[0]); !p.empty()) return {{}, p};
  const Ints& starts = a.get_ints("starts");
  const Ints& sizes = a.get_ints("sizes");
  const Ints& steps = a.get_ints("steps");
  if (starts.size() != src.size() || sizes.size() != src.size() || steps.size() != src.size())
    return refuse("starts, sizes and steps have ", starts.size(), ", ", sizes.size(), " and ", steps.size(),
                  " entries, src has rank ", src.size());
  for (std::size_t i = 0; i < src.size(); ++i) {
    if (steps[i] == 0) return refuse("step 0 on axis ", i);
    if (sizes[i] < 0 || !stays_inside(starts[i], sizes[i], steps[i], src[i]))
      return refuse(sizes[i], " elements from ", starts[i], " in steps of ", steps[i], " leave axis ", i, " of size ",
                    src[i]);
  }
  return result(with_shape(in[0], sizes));
}

}  // namespace xpuq::ops
