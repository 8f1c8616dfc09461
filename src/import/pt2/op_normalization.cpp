// Normalizations. Missing weights are ones, missing biases zeros; the eps of PyTorch is a double, ours is f32.
#include <cmath>
#include <limits>

#include "import/pt2/operators.h"

namespace xpuq::pt2::import_op {
namespace {

ValueId filled(Call& c, const Shape& shape, float value, const char* role) {
  Tensor t(DataType::f32, shape);
  for (float& v : t.span<float>()) v = value;
  return c.builder.constant(c.node().name + "." + role, std::move(t));
}

/// An optional parameter of a known small shape; `value` where it is not given.
Result<ValueId> parameter(Call& c, const char* name, const Shape& shape, float value) {
  if (c.given(name)) return c.tensor(name);
  const auto count = checked_element_count(shape);
  if (!count || *count > (1 << 26)) return c.problem("has too many channels: " + to_string(shape));
  return filled(c, shape, value, name);
}

Result<ValueId> channels_input(Call& c) {
  XPUQ_ASSIGN(const ValueId src, c.tensor("input"));
  if (c.rank(src) < 2) return c.problem("input has rank " + std::to_string(c.rank(src)) + ", expected at least 2");
  return c.as_float(src);
}

Result<ValueId> grouped(Call& c, ValueId src, std::int64_t groups) {
  const Shape channels{c.shape(src)[1]};
  XPUQ_ASSIGN(const ValueId gamma, parameter(c, "weight", channels, 1));
  XPUQ_ASSIGN(const ValueId beta, parameter(c, "bias", channels, 0));
  XPUQ_ASSIGN(const double eps, c.real("eps"));
  return c.last().emit(OpKind::group_norm, {src, gamma, beta}, {{"groups", groups}, {"eps", as_f32(eps)}});
}

}  // namespace

Result<void> batch_norm(Call& c) {
  XPUQ_ASSIGN(const ValueId src, channels_input(c));
  // Decomposed instance norms have all samples side by side as channels of one.
  if (!c.has("running_mean") && c.shape(src)[0] == 1) return c.result(grouped(c, src, c.shape(src)[1]));
  if (!c.given("running_mean") || !c.given("running_var"))
    return c.unsupported("normalizes with the statistics of the batch");
  XPUQ_ASSIGN(const ValueId mean, c.tensor("running_mean"));
  XPUQ_ASSIGN(const ValueId variance, c.tensor("running_var"));
  const char* training = c.has("use_input_stats") ? "use_input_stats" : "training";
  if (c.has(training)) {
    XPUQ_ASSIGN(const bool trains, c.flag(training));
    if (trains)
      c.session.note("exported in training mode; the stored statistics are used as in evaluation", c.origin());
  }
  const Shape channels{c.shape(src)[1]};
  XPUQ_ASSIGN(const ValueId gamma, parameter(c, "weight", channels, 1));
  XPUQ_ASSIGN(const ValueId beta, parameter(c, "bias", channels, 0));
  XPUQ_ASSIGN(const double eps, c.real("eps"));
  XPUQ_TRY(c.emit_result(OpKind::batchnorm, {src, gamma, beta, mean, variance}, {{"eps", as_f32(eps)}}));
  // The functional form also returns the new running statistics, which stay what they are.
  if (c.result_count() == 5) {
    XPUQ_TRY(c.result(mean, 3));
    XPUQ_TRY(c.result(variance, 4));
  }
  return {};
}

Result<void> layer_norm(Call& c) {
  XPUQ_ASSIGN(const ValueId input, c.tensor("input"));
  XPUQ_ASSIGN(const ValueId src, c.as_float(input));
  XPUQ_ASSIGN(const Ints normalized, c.integers("normalized_shape"));
  if (normalized.empty() || normalized.size() > c.rank(src))
    return c.problem("normalized_shape has " + std::to_string(normalized.size()) + " axes");
  XPUQ_ASSIGN(const double eps, c.real("eps"));
  std::vector<ValueId> inputs{src};
  if (c.given("weight") || c.given("bias")) {
    XPUQ_ASSIGN(const ValueId gamma, parameter(c, "weight", normalized, 1));
    inputs.push_back(gamma);
  }
  if (c.given("bias")) {
    XPUQ_ASSIGN(const ValueId beta, c.tensor("bias"));
    inputs.push_back(beta);
  }
  return c.emit_result(OpKind::layer_norm, std::move(inputs),
                       {{"axis", static_cast<std::int64_t>(c.rank(src) - normalized.size())}, {"eps", as_f32(eps)}});
}

Result<void> group_norm(Call& c) {
  XPUQ_ASSIGN(const ValueId src, channels_input(c));
  XPUQ_ASSIGN(const std::int64_t groups, c.integer(c.has("num_groups") ? "num_groups" : "group"));
  return c.result(grouped(c, src, groups));
}

Result<void> instance_norm(Call& c) {
  XPUQ_ASSIGN(const bool own_statistics, c.flag("use_input_stats"));
  if (!own_statistics) return batch_norm(c);
  XPUQ_ASSIGN(const ValueId src, channels_input(c));
  return c.result(grouped(c, src, c.shape(src)[1]));
}

/// x * (1 / sqrt(mean(x^2) + eps)) * weight: the operations that a hand-written RMSNorm has.
Result<void> rms_norm(Call& c) {
  XPUQ_ASSIGN(const ValueId input, c.tensor("input"));
  XPUQ_ASSIGN(const ValueId src, c.as_float(input));
  XPUQ_ASSIGN(const Ints normalized, c.integers("normalized_shape"));
  const std::size_t rank = c.rank(src);
  if (normalized.empty() || normalized.size() > rank)
    return c.problem("normalized_shape has " + std::to_string(normalized.size()) + " axes");
  double eps = std::numeric_limits<float>::epsilon();
  if (c.given("eps")) { XPUQ_ASSIGN(eps, c.real("eps")); }
  Ints axes;
  for (std::size_t i = rank - normalized.size(); i < rank; ++i) axes.push_back(static_cast<std::int64_t>(i));
  XPUQ_ASSIGN(const ValueId squares, c.emit(OpKind::pow, {src, c.scalar(2)}));
  XPUQ_ASSIGN(const ValueId mean,
              c.emit(OpKind::reduce_mean, {squares}, {{"axes", axes}, {"keepdims", std::int64_t{1}}}));
  XPUQ_ASSIGN(const ValueId sum, c.emit(OpKind::add, {mean, c.scalar(eps)}));
  XPUQ_ASSIGN(const ValueId root, c.emit(OpKind::sqrt, {sum}));
  XPUQ_ASSIGN(const ValueId factor, c.emit(OpKind::reciprocal, {root}));
  XPUQ_ASSIGN(ValueId out, (c.given("weight") ? c : c.last()).emit(OpKind::mul, {src, factor}));
  if (c.given("weight")) {
    XPUQ_ASSIGN(const ValueId weight, c.tensor("weight"));
    XPUQ_ASSIGN(out, c.last().emit(OpKind::mul, {out, weight}));
  }
  return c.result(out);
}

}  // namespace xpuq::pt2::import_op
