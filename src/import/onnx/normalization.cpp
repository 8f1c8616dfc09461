// Normalizations: over the batch (with stored statistics), layers, groups, channels.
#include "import/onnx/operators.h"
#include "import/onnx/window.h"

namespace xpuq::onnx_import {
namespace {

constexpr float kDefaultEpsilon = 1e-5f;

/// gamma or beta with the shape that layer_norm wants; empty when it is not that of a suffix of the input's shape.
Result<ValueId> parameter(const Call& c, std::size_t i, const Shape& wanted) {
  if (c.shape(i) == wanted) return c.in(i);
  const auto fitted = broadcast(c.shape(i), wanted);
  if (fitted && *fitted == wanted) return c.step(OpKind::expand, {c.in(i)}, {{"shape", wanted}});
  if (checked_element_count(c.shape(i)) == checked_element_count(wanted) &&
      c.rank(i) > static_cast<std::int64_t>(wanted.size()))
    return c.reshaped(c.in(i), wanted);  // leading ones
  return c.problem("input " + std::to_string(i) + " has the wrong shape", to_string(c.shape(i)), to_string(wanted));
}

Ints last_axes(std::int64_t axis, std::int64_t rank) {
  Ints out;
  for (std::int64_t i = axis; i < rank; ++i) out.push_back(i);
  return out;
}

}  // namespace

// The form with stored statistics. Training is said by training_mode (opset 14), by asking for more outputs (before),
// or by is_test (opset 6).
Result<Outputs> batch_normalization(Call& c) {
  if (c.has_attribute("is_test") && c.opset >= 7)
    return c.problem("attribute 'is_test' is not known", "opset " + std::to_string(c.opset), "opset 6");
  if (c.opset < 7 && c.int_or("is_test", 0) == 0)
    return c.problem("training mode is not supported", "is_test=0", "is_test=1", "export the model after model.eval()");
  if (c.int_or("spatial", 1) != 1 || (c.has_attribute("spatial") && c.opset >= 9))
    return c.problem("attribute 'spatial' is not supported", std::to_string(c.int_or("spatial", 1)),
                     "1, before opset 9");
  const bool more_outputs = c.opset < 14 && c.names.size() > 1 && !c.names[1].empty();
  if (c.int_or("training_mode", 0) != 0 || more_outputs)
    return c.problem("training mode is not supported", "training_mode=1", "training_mode=0",
                     "export the model after model.eval()");
  return c.result(OpKind::batchnorm, {c.in(0), c.in(1), c.in(2), c.in(3), c.in(4)},
                  {{"eps", c.float_or("epsilon", kDefaultEpsilon)}});
}

Result<Outputs> layer_normalization(Call& c) {
  XPUQ_ASSIGN(const std::int64_t axis, c.axis(c.int_or("axis", -1), c.rank(0)));
  const Shape src = c.shape(0);
  const Shape normalized(src.begin() + axis, src.end());
  std::vector<ValueId> operands{c.in(0)};
  for (std::size_t i : {std::size_t{1}, std::size_t{2}}) {
    if (!c.has(i)) continue;
    XPUQ_ASSIGN(const ValueId p, parameter(c, i, normalized));
    operands.push_back(p);
  }
  return c.result(OpKind::layer_norm, std::move(operands),
                  {{"axis", axis}, {"eps", c.float_or("epsilon", kDefaultEpsilon)}});
}

Result<Outputs> instance_normalization(Call& c) {
  XPUQ_TRY(spatial_axes(c));
  return c.result(OpKind::group_norm, {c.in(0), c.in(1), c.in(2)},
                  {{"groups", c.shape(0)[1]}, {"eps", c.float_or("epsilon", kDefaultEpsilon)}});
}

// Before opset 21 gamma and beta have one entry per group, since then one per channel.
Result<Outputs> group_normalization(Call& c) {
  if (c.rank(0) < 2) return c.problem("input 0 has no channels", to_string(c.shape(0)), "rank 2 or more");
  const std::int64_t groups = c.int_or("num_groups", 1);
  const std::int64_t channels = c.shape(0)[1];
  if (groups < 1 || channels % groups != 0)
    return c.problem("the channels do not divide into the groups",
                     std::to_string(channels) + " over " + std::to_string(groups), "a divisor");
  std::vector<ValueId> operands{c.in(0)};
  for (std::size_t i : {std::size_t{1}, std::size_t{2}}) {
    ValueId p = c.in(i);
    if (c.opset < 21 && c.shape(i) == Shape{groups}) {
      XPUQ_ASSIGN(p, c.reshaped(p, {groups, 1}));
      XPUQ_ASSIGN(p, c.step(OpKind::expand, {p}, {{"shape", Ints{groups, channels / groups}}}));
      XPUQ_ASSIGN(p, c.reshaped(p, {channels}));
    }
    operands.push_back(p);
  }
  return c.result(OpKind::group_norm, std::move(operands),
                  {{"groups", groups}, {"eps", c.float_or("epsilon", kDefaultEpsilon)}});
}

// x / sqrt(mean(x^2) + eps) * scale
Result<Outputs> rms_normalization(Call& c) {
  XPUQ_ASSIGN(const std::int64_t axis, c.axis(c.int_or("axis", -1), c.rank(0)));
  XPUQ_ASSIGN(const ValueId square, c.step(OpKind::mul, {c.in(0), c.in(0)}));
  XPUQ_ASSIGN(const ValueId mean,
              c.step(OpKind::reduce_mean, {square}, {{"axes", last_axes(axis, c.rank(0))}, {"keepdims", 1}}));
  const ValueId eps = c.scalar(c.dtype(0), c.float_or("epsilon", kDefaultEpsilon));
  XPUQ_ASSIGN(const ValueId shifted, c.step(OpKind::add, {mean, eps}));
  XPUQ_ASSIGN(const ValueId root, c.step(OpKind::sqrt, {shifted}));
  XPUQ_ASSIGN(const ValueId normalized, c.step(OpKind::div, {c.in(0), root}));
  return c.result(OpKind::mul, {normalized, c.in(1)});
}

// (x - mean) / (sqrt(variance) + 1e-9)
Result<Outputs> mean_variance_normalization(Call& c) {
  XPUQ_ASSIGN(const Ints axes, c.axes(c.has_attribute("axes") ? c.ints("axes") : Ints{0, 2, 3}, c.rank(0)));
  const Attributes over{{"axes", axes}, {"keepdims", 1}};
  XPUQ_ASSIGN(const ValueId mean, c.step(OpKind::reduce_mean, {c.in(0)}, over));
  XPUQ_ASSIGN(const ValueId centred, c.step(OpKind::sub, {c.in(0), mean}));
  XPUQ_ASSIGN(const ValueId square, c.step(OpKind::mul, {centred, centred}));
  XPUQ_ASSIGN(const ValueId variance, c.step(OpKind::reduce_mean, {square}, over));
  XPUQ_ASSIGN(const ValueId deviation, c.step(OpKind::sqrt, {variance}));
  XPUQ_ASSIGN(const ValueId divisor, c.step(OpKind::add, {deviation, c.scalar(c.dtype(0), 1e-9)}));
  return c.result(OpKind::div, {centred, divisor});
}

// x / (bias + alpha * mean of x^2 over `size` channels around)^beta. The mean is that of an average pool over channels,
// padding included, as PyTorch computes it too.
Result<Outputs> local_response_normalization(Call& c) {
  XPUQ_TRY(spatial_axes(c));
  const Shape shape = c.shape(0);
  const std::int64_t size = c.int_or("size", 0);
  if (size < 1 || size > (1 << 20))
    return c.problem("attribute 'size' is out of range", std::to_string(size), "1..2^20");
  const auto inner = checked_element_count(Shape(shape.begin() + 2, shape.end()));
  XPUQ_ASSIGN(const ValueId square, c.step(OpKind::mul, {c.in(0), c.in(0)}));
  XPUQ_ASSIGN(const ValueId plane, c.reshaped(square, {shape[0], 1, shape[1], *inner}));
  XPUQ_ASSIGN(const ValueId mean, c.step(OpKind::avg_pool, {plane},
                                         {{"kernel", Ints{size, 1}},
                                          {"strides", Ints{1, 1}},
                                          {"pads_begin", Ints{(size - 1) / 2, 0}},
                                          {"pads_end", Ints{size - 1 - (size - 1) / 2, 0}},
                                          {"ceil_mode", 0},
                                          {"count_include_pad", 1}}));
  XPUQ_ASSIGN(const ValueId around, c.reshaped(mean, shape));
  XPUQ_ASSIGN(const ValueId scaled, c.step(OpKind::mul, {around, c.scalar(c.dtype(0), c.float_or("alpha", 1e-4f))}));
  XPUQ_ASSIGN(const ValueId shifted, c.step(OpKind::add, {scaled, c.scalar(c.dtype(0), c.float_or("bias", 1))}));
  XPUQ_ASSIGN(const ValueId divisor, c.step(OpKind::pow, {shifted, c.scalar(c.dtype(0), c.float_or("beta", 0.75))}));
  return c.result(OpKind::div, {c.in(0), divisor});
}

// x / (sum |x|^p)^(1/p) along one axis, p 1 or 2.
Result<Outputs> lp_normalization(Call& c) {
  XPUQ_ASSIGN(const std::int64_t axis, c.axis(c.int_or("axis", -1), c.rank(0)));
  const std::int64_t p = c.int_or("p", 2);
  if (p != 1 && p != 2) return c.problem("attribute 'p' is not supported", std::to_string(p), "1 or 2");
  XPUQ_ASSIGN(const ValueId size,
              p == 1 ? c.step(OpKind::abs, {c.in(0)}) : c.step(OpKind::mul, {c.in(0), c.in(0)}));
  XPUQ_ASSIGN(ValueId norm, c.step(OpKind::reduce_sum, {size}, {{"axes", Ints{axis}}, {"keepdims", 1}}));
  if (p == 2) {
    XPUQ_ASSIGN(norm, c.step(OpKind::sqrt, {norm}));
  }
  // A line of zeros stays one, as the reference of ONNX and ONNX Runtime have it.
  XPUQ_ASSIGN(const ValueId none, c.step(OpKind::equal, {norm, c.scalar(c.dtype(0), 0)}));
  XPUQ_ASSIGN(const ValueId divisor, c.step(OpKind::where, {none, c.scalar(c.dtype(0), 1), norm}));
  return c.result(OpKind::div, {c.in(0), divisor});
}

}  // namespace xpuq::onnx_import
