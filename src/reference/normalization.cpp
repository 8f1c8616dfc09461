// batchnorm, layer_norm, group_norm (ops/normalization.cpp).
#include <cmath>
#include <optional>

#include "reference/floats.h"
#include "reference/groups.h"

namespace xpuq::reference {
namespace {

std::int64_t product(const Shape& shape, std::size_t first, std::size_t last) {
  std::int64_t n = 1;
  for (std::size_t i = first; i < last; ++i) n *= shape[i];
  return n;
}

/// The affine formula that folding into a convolution gives (pt2e-semantics 4.1), all in f32:
/// r = 1 / sqrt(var + eps); y = x * (gamma * r) + (((0 - mean) * r) * gamma + beta).
void batchnorm(const OpCall& call) {
  const Shape& shape = call.inputs[0].type->shape;
  const FloatSource src(call.inputs[0]), gamma(call.inputs[1]), beta(call.inputs[2]), mean(call.inputs[3]),
      var(call.inputs[4]);
  const float eps = static_cast<float>(call.attributes->get_float("eps", 0));
  FloatSink dst(call.outputs[0]);
  const std::int64_t inner = product(shape, 2, shape.size());
  std::int64_t i = 0;
  for (std::int64_t n = 0; n < shape[0]; ++n)
    for (std::int64_t c = 0; c < shape[1]; ++c) {
      const float r = 1.0f / std::sqrt(var[c] + eps);
      const float scale = gamma[c] * r;
      const float shift = (0.0f - mean[c]) * r * gamma[c] + beta[c];
      for (std::int64_t end = i + inner; i < end; ++i) dst[i] = src[i] * scale + shift;
    }
}

struct Moments {
  double mean = 0;
  double factor = 0;  ///< 1 / sqrt(biased variance + eps)
};

Moments moments(const float* x, std::int64_t count, double eps) {
  double sum = 0, squares = 0;
  for (std::int64_t i = 0; i < count; ++i) sum += x[i];
  const double mean = sum / static_cast<double>(count);
  for (std::int64_t i = 0; i < count; ++i) squares += (x[i] - mean) * (x[i] - mean);
  return {mean, 1.0 / std::sqrt(squares / static_cast<double>(count) + eps)};
}

/// Normalizes blocks of `block` elements in f64; element i of the tensor uses parameter i / repeat % parameters.
void normalize(const OpCall& call, std::int64_t block, std::int64_t repeat, std::int64_t parameters) {
  const FloatSource src(call.inputs[0]);
  std::optional<FloatSource> gamma, beta;
  if (call.inputs.size() > 1) gamma.emplace(call.inputs[1]);
  if (call.inputs.size() > 2) beta.emplace(call.inputs[2]);
  FloatSink dst(call.outputs[0]);
  const double eps = call.attributes->get_float("eps", 0);
  const std::int64_t count = call.inputs[0].type->elements();
  for (std::int64_t first = 0; first < count; first += block) {
    const Moments m = moments(src.data() + first, block, eps);
    for (std::int64_t i = first; i < first + block; ++i) {
      const std::int64_t p = i / repeat % parameters;
      const double y = (src[i] - m.mean) * m.factor * (gamma ? (*gamma)[p] : 1.0f);
      dst[i] = static_cast<float>(y + (beta ? (*beta)[p] : 0.0f));
    }
  }
}

}  // namespace

Result<void> run_normalization(const OpCall& call) {
  const Shape& shape = call.inputs[0].type->shape;
  if (call.kind == OpKind::batchnorm) {
    batchnorm(call);
  } else if (call.kind == OpKind::layer_norm) {
    const std::int64_t block =
        product(shape, static_cast<std::size_t>(call.attributes->get_int("axis", 0)), shape.size());
    normalize(call, block, 1, block);
  } else {
    const std::int64_t inner = product(shape, 2, shape.size());
    normalize(call, shape[1] / call.attributes->get_int("groups", 1) * inner, inner, shape[1]);
  }
  return {};
}

}  // namespace xpuq::reference
