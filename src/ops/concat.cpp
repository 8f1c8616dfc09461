// concat along one axis; all inputs agree in type, in the other sizes and, when quantized, in scale and zero point.
#include "ops/type_rule.h"

namespace xpuq::ops {

Inferred infer_concat(OpKind, const Attributes& a, std::span<const TensorType> in) {
  const std::int64_t axis = a.get_int("axis", 0);
  Shape dst = in[0].shape;
  if (axis < 0 || axis >= static_cast<std::int64_t>(dst.size()))
    return refuse("axis ", axis, " is not below rank ", dst.size());
  if (std::string p = pass_problem(in[0]); !p.empty()) return {{}, p};
  const auto at = static_cast<std::size_t>(axis);
  for (std::size_t i = 1; i < in.size(); ++i) {
    if (in[i].dtype != in[0].dtype)
      return refuse("input ", i, " is ", to_string(in[i].dtype), ", input 0 is ", to_string(in[0].dtype));
    if (in[i].quant != in[0].quant) return refuse("input ", i, " has another scale or zero point than input 0");
    bool fits = in[i].shape.size() == dst.size();
    for (std::size_t d = 0; fits && d < dst.size(); ++d) fits = d == at || in[i].shape[d] == dst[d];
    if (!fits) return refuse("input ", i, " has shape ", to_string(in[i].shape), ", input 0 ", to_string(in[0].shape));
    dst[at] += in[i].shape[at];  // at most 65535 * 2^40
  }
  return result(with_shape(in[0], std::move(dst)));
}

}  // namespace xpuq::ops
