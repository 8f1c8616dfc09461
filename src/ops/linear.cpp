// linear: dst[...,o] = sum over i of src[...,i] * wei[o,i] + bia[o] (torch.nn.functional.linear; ONNX Gemm with
// transB). The int8 form is pt2e-semantics 5.2.
#include "ops/weighted.h"

namespace xpuq::ops {

Inferred infer_linear(OpKind, const Attributes& a, std::span<const TensorType> in) {
  const Shape& src = in[0].shape;
  const Shape& wei = in[1].shape;
  if (src.empty()) return refuse("src is a scalar");
  if (wei.size() != 2) return refuse("wei has rank ", wei.size(), ", expected 2");
  if (src.back() != wei[1]) return refuse("wei has ", wei[1], " input features, src has ", src.back());
  Shape dst = src;
  dst.back() = wei[0];
  return infer_weighted(a, in, std::move(dst), wei[0]);
}

}  // namespace xpuq::ops
