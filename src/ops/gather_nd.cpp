// gather_nd: the last axis of indices holds positions on the axes of src that follow the first `batch_dims`, which
// indices and src share; each position selects what is behind it (ONNX GatherND, indexing with several tensors in
// torch). A negative index counts from the end; one out of range is an error when evaluated.
#include <algorithm>

#include "ops/type_rule.h"

namespace xpuq::ops {

Inferred infer_gather_nd(OpKind, const Attributes& a, std::span<const TensorType> in) {
  const Shape& src = in[0].shape;
  const Shape& indices = in[1].shape;
  const std::int64_t batch = a.get_int("batch_dims", 0);
  if (std::string p = pass_problem(in[0]); !p.empty()) return {{}, p};
  if (in[1].dtype != DataType::s64 && in[1].dtype != DataType::s32)
    return refuse("indices are ", to_string(in[1].dtype), ", expected s64 or s32");
  if (indices.empty()) return refuse("indices have rank 0, expected at least 1");
  const auto least = static_cast<std::int64_t>(std::min(src.size(), indices.size()));
  if (batch < 0 || batch >= least) return refuse("batch_dims is ", batch, ", expected 0..", least - 1);
  if (!std::equal(src.begin(), src.begin() + batch, indices.begin()))
    return refuse("src ", to_string(src), " and indices ", to_string(indices), " differ in their first ", batch,
                  " axes");
  const std::int64_t depth = indices.back();
  if (depth < 1 || depth > static_cast<std::int64_t>(src.size()) - batch)
    return refuse("positions have ", depth, " entries, expected 1..", static_cast<std::int64_t>(src.size()) - batch);
  Shape dst(indices.begin(), indices.end() - 1);
  dst.insert(dst.end(), src.begin() + batch + depth, src.end());
  return result(with_shape(in[0], std::move(dst)));
}

}  // namespace xpuq::ops
