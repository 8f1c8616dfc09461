// Pointwise operations of one input; ONNX operators of the same names (https://onnx.ai/onnx/operators/) and torch.nn.
//   relu max(x, 0)                     clip min(max(x, min), max)         hardswish x * clip(x + 3, 0, 6) / 6
//   hardsigmoid clip(alpha x + beta, 0, 1)   silu x / (1 + exp(-x))       leaky_relu x < 0 ? alpha x : x
//   gelu "none" x/2 (1 + erf(x / sqrt 2)), "tanh" x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
//   elu x < 0 ? alpha (exp(x) - 1) : x   softplus log(1 + exp(x))         round: half to even
// The type does not change. Quantized inputs are refused: the real result has another range.
#include <cmath>

#include "ops/type_rule.h"

namespace xpuq::ops {
namespace {

bool takes_integers(OpKind kind) {
  return kind == OpKind::relu || kind == OpKind::clip || kind == OpKind::abs || kind == OpKind::neg ||
         kind == OpKind::sign;
}

std::string parameter_problem(OpKind kind, const Attributes& a) {
  for (const auto& [name, value] : a.entries())
    if (const double* v = std::get_if<double>(&value); v && std::isnan(*v))
      return sentence("attribute '", name, "' is NaN");
  if (kind == OpKind::gelu && a.get_string("approximate") != "none" && a.get_string("approximate") != "tanh")
    return sentence("approximate is '", a.get_string("approximate"), "', expected 'none' or 'tanh'");
  return {};
}

}  // namespace

Inferred infer_unary(OpKind kind, const Attributes& a, std::span<const TensorType> in) {
  const TensorType& src = in[0];
  if (src.quant) return refuse("src is quantized; dequantize it first");
  if (std::string p = parameter_problem(kind, a); !p.empty()) return {{}, p};
  if (kind == OpKind::logical_not) {
    if (src.dtype != DataType::boolean) return refuse("src is ", to_string(src.dtype), ", expected boolean");
  } else if (!is_float(src.dtype) && !(is_integer(src.dtype) && takes_integers(kind))) {
    return refuse("src is ", to_string(src.dtype), ", expected a float type");
  }
  return result(with_shape(src, src.shape));
}

}  // namespace xpuq::ops
