// pad: `begin` and `end` more elements per axis, of a constant, mirrored about the border (reflect), or the border
// itself (edge). https://onnx.ai/onnx/operators/onnx__Pad.html; negative amounts come as slice. A quantized src is
// padded with its zero point, so only the constant 0 is allowed there.
#include "ops/type_rule.h"

namespace xpuq::ops {

Inferred infer_pad(OpKind, const Attributes& a, std::span<const TensorType> in) {
  const TensorType& src = in[0];
  const Ints& begin = a.get_ints("begin");
  const Ints& end = a.get_ints("end");
  const std::string& mode = a.get_string("mode");
  if (std::string p = pass_problem(src); !p.empty()) return {{}, p};
  if (mode != "constant" && mode != "reflect" && mode != "edge")
    return refuse("mode is '", mode, "', expected 'constant', 'reflect' or 'edge'");
  if (mode == "constant" && src.quant && a.get_float("value", 0) != 0)
    return refuse("src is quantized and the constant is ", a.get_float("value", 0), ", expected 0");
  if (begin.size() != src.shape.size() || end.size() != src.shape.size())
    return refuse("begin and end have ", begin.size(), " and ", end.size(), " entries, src has rank ",
                  src.shape.size());
  Shape dst = src.shape;
  for (std::size_t i = 0; i < dst.size(); ++i) {
    if (begin[i] < 0 || begin[i] > kMaxDimension || end[i] < 0 || end[i] > kMaxDimension)
      return refuse("padding ", begin[i], ", ", end[i], " of axis ", i, " is not in 0..2^40");
    const bool grows = begin[i] > 0 || end[i] > 0;
    if (mode == "reflect" && grows && (begin[i] >= dst[i] || end[i] >= dst[i]))
      return refuse("axis ", i, " of size ", dst[i], " is too short to mirror ", begin[i], ", ", end[i]);
    if (mode == "edge" && grows && dst[i] == 0) return refuse("axis ", i, " is empty and has no edge");
    dst[i] += begin[i] + end[i];
  }
  return result(with_shape(src, std::move(dst)));
}

}  // namespace xpuq::ops
