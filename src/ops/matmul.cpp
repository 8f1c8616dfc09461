// matmul: dst[...,m,n] = sum over k of a[...,m,k] * b[...,k,n], leading axes broadcast (numpy.matmul for rank >= 2,
// https://onnx.ai/onnx/operators/onnx__MatMul.html).
#include "ops/type_rule.h"

namespace xpuq::ops {

Inferred infer_matmul(OpKind, const Attributes&, std::span<const TensorType> in) {
  const Shape& a = in[0].shape;
  const Shape& b = in[1].shape;
  if (!is_kernel_float(in[0].dtype) || in[0].dtype != in[1].dtype)
    return refuse("inputs are ", describe(in[0]), " and ", describe(in[1]), ", expected both f32 or both bf16");
  if (a.size() < 2 || b.size() < 2)
    return refuse("inputs have rank ", a.size(), " and ", b.size(), ", expected at least 2");
  if (a.back() != b[b.size() - 2]) return refuse("inner sizes differ: ", to_string(a), " and ", to_string(b));
  auto dst = broadcast(Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2));
  if (!dst) return refuse("batches of ", to_string(a), " and ", to_string(b), " do not broadcast");
  dst->push_back(a[a.size() - 2]);
  dst->push_back(b.back());
  return result(in[0].dtype, std::move(*dst));
}

}  // namespace xpuq::ops
