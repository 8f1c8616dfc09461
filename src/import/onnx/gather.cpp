// Gather: embeddings, and the indexing that exporters write as Gather.
#include <limits>

#include "import/onnx/operators.h"

namespace xpuq::onnx_import {
namespace {

/// x[..., i, ...] with a constant i: a slice of one, and the axis goes (torch's select).
Result<Outputs> select(const Call& c, std::int64_t axis, std::int64_t index) {
  const Shape src = c.shape(0);
  const auto at = static_cast<std::size_t>(axis);
  Ints starts(src.size(), 0);
  Ints sizes = src;
  starts[at] = index;
  sizes[at] = 1;
  XPUQ_ASSIGN(const ValueId part,
              c.step(OpKind::slice, {c.in(0)}, {{"starts", starts}, {"sizes", sizes}, {"steps", Ints(src.size(), 1)}}));
  sizes.erase(sizes.begin() + axis);
  return c.result(OpKind::reshape, {part}, {{"shape", sizes}});
}

}  // namespace

Result<Outputs> gather(Call& c) {
  XPUQ_ASSIGN(const std::int64_t axis, c.axis(c.int_or("axis", 0), c.rank(0)));
  if (c.dtype(1) != DataType::s64 && c.dtype(1) != DataType::s32)
    return c.problem("the indices have the wrong type", std::string(to_string(c.dtype(1))), "s64 or s32");
  auto indices = c.builder.ints_of(c.in(1));
  if (!indices) return c.result(OpKind::gather, {c.in(0), c.in(1)}, {{"axis", axis}});
  const std::int64_t size = c.shape(0)[static_cast<std::size_t>(axis)];
  bool negative = false;
  for (std::int64_t& i : *indices) {
    if (i < -size || i >= size)
      return c.problem("an index is out of range", std::to_string(i),
                       std::to_string(-size) + ".." + std::to_string(size - 1));
    negative = negative || i < 0;
    if (i < 0) i += size;
  }
  if (c.rank(1) == 0) return select(c, axis, (*indices)[0]);
  ValueId positions = c.in(1);
  if (negative)
    positions = c.builder.constant(c.names[0] + "/indices", Tensor::vector_s64(*indices).reshaped(c.shape(1)));
  return c.result(OpKind::gather, {c.in(0), positions}, {{"axis", axis}});
}

// GatherElements (torch.gather) and GatherND (indexing with several tensors).
Result<Outputs> gather_elements(Call& c) {
  XPUQ_ASSIGN(const std::int64_t axis, c.axis(c.int_or("axis", 0), c.rank(0)));
  return c.result(OpKind::gather_elements, {c.in(0), c.in(1)}, {{"axis", axis}});
}

Result<Outputs> gather_nd(Call& c) {
  return c.result(OpKind::gather_nd, {c.in(0), c.in(1)}, {{"batch_dims", c.int_or("batch_dims", 0)}});
}

}  // namespace xpuq::onnx_import
