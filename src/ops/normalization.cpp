// batchnorm (src, gamma, beta, mean, var; inference): y = (x - mean) / sqrt(var + eps) * gamma + beta per channel (axis
// 1). layer_norm (src [, gamma [, beta]]): the same with mean and biased variance over the axes from `axis` on.
// group_norm (src, gamma, beta): with mean and biased variance over each of `groups` blocks of channels of one sample.
// https://onnx.ai/onnx/operators/ BatchNormalization, LayerNormalization, GroupNormalization (version 21: gamma per
// channel).
#include <cmath>

#include "ops/type_rule.h"

namespace xpuq::ops {
namespace {

std::string parameters_problem(std::span<const TensorType> in, const Shape& shape) {
  for (std::size_t i = 1; i < in.size(); ++i) {
    if (in[i].dtype != DataType::f32 && in[i].dtype != in[0].dtype)
      return sentence("input ", i, " is ", describe(in[i]), ", expected f32");
    if (in[i].shape != shape)
      return sentence("input ", i, " has shape ", to_string(in[i].shape), ", expected ", to_string(shape));
  }
  return {};
}

Inferred layer_norm(const Attributes& a, std::span<const TensorType> in) {
  const Shape& src = in[0].shape;
  const std::int64_t axis = a.get_int("axis", 0);
  if (axis < 0 || axis >= static_cast<std::int64_t>(src.size()))
    return refuse("axis ", axis, " is not below rank ", src.size());
  if (std::string p = parameters_problem(in, Shape(src.begin() + axis, src.end())); !p.empty()) return {{}, p};
  return result(in[0].dtype, src);
}

}  // namespace

Inferred infer_normalization(OpKind kind, const Attributes& a, std::span<const TensorType> in) {
  const Shape& src = in[0].shape;
  if (!is_kernel_float(in[0].dtype)) return refuse("src is ", describe(in[0]), ", expected f32 or bf16");
  const double eps = a.get_float("eps", 0);
  if (!std::isfinite(eps) || eps < 0) return refuse("eps is ", eps);
  if (kind == OpKind::layer_norm) return layer_norm(a, in);

  if (src.size() < 2) return refuse("src has rank ", src.size(), ", expected at least 2");
  if (kind == OpKind::group_norm) {
    const std::int64_t groups = a.get_int("groups", 1);
    if (groups < 1 || src[1] % groups != 0) return refuse(src[1], " channels do not divide into ", groups, " groups");
  }
  if (std::string p = parameters_problem(in, {src[1]}); !p.empty()) return {{}, p};
  return result(in[0].dtype, src);
}

}  // namespace xpuq::ops
