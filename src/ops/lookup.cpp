// lookup: dst = table[q + 128]; any function of one s8 code, with its requantization, as a table of 256 codes.
#include "ops/type_rule.h"

namespace xpuq::ops {

Inferred infer_lookup(OpKind, const Attributes& a, std::span<const TensorType> in) {
  const TensorType& src = in[0];
  const TensorType& table = in[1];
  if (src.dtype != DataType::s8 || !src.quant || !src.quant->per_tensor())
    return refuse("src is ", describe(src), ", expected s8 with one scale");
  if (table.dtype != DataType::s8 || table.shape != Shape{256})
    return refuse("table is ", describe(table), ", expected s8 256");
  TensorType dst{DataType::s8, src.shape, Layout::plain,
                 per_tensor(a.get_float("dst_scale", 0), a.get_int("dst_zero_point", 0))};
  return result(std::move(dst));
}

}  // namespace xpuq::ops
