#include "runtime/cpu/int8_layer.h"

#include "ops/op.h"
#include "runtime/cpu/aligned.h"
#include "runtime/cpu/int8_conv.h"
#include "support/check.h"

namespace xpuq::cpu {

bool is_own_int8_layer(const StepContext& c, std::int64_t taps) {
  if (c.has_empty() || taps > kMaxInt8Taps) return false;
  if (!is_shifted(c.in(0)) || c.in(1).dtype != DataType::s8 || !c.in(1).quant) return false;
  if (c.constant<std::byte>(1) == nullptr) return false;
  if (c.out().dtype != DataType::f32 && !is_shifted(c.out())) return false;
  const WeightedInputs at = weighted_inputs(c.attributes(), c.input_count());
  if (at.bia >= 0 && (c.constant<std::byte>(at.bia) == nullptr || c.in(at.bia).dtype != DataType::f32)) return false;
  return at.other < 0 || c.in(at.other).dtype == DataType::f32 || is_shifted(c.in(at.other));
}

EpilogueOp to_epilogue_op(const PostOp& op) {
  using Kind = EpilogueOp::Kind;
  const auto make = [&](Kind kind) {
    return EpilogueOp{kind, static_cast<float>(op.alpha), static_cast<float>(op.beta)};
  };
  if (op.kind == "sum") return make(Kind::sum);
  if (op.kind == "relu") return make(Kind::relu);
  if (op.kind == "clip") return make(Kind::clip);
  if (op.kind == "hardswish") return make(Kind::hardswish);
  if (op.kind == "silu") return make(Kind::silu);
  if (op.kind == "gelu") return make(op.alpha == 0 ? Kind::gelu_erf : Kind::gelu_tanh);
  if (op.kind == "hardsigmoid") return make(Kind::hardsigmoid);
  if (op.kind == "sigmoid") return make(Kind::sigmoid);
  if (op.kind == "tanh") return make(Kind::tanh);
  XPUQ_CHECK(op.kind == "leaky_relu", "every post-op of ops/post_ops.h is known here");
  return make(Kind::leaky_relu);
}

Epilogue make_epilogue(const StepContext& c, std::int64_t channels) {
  const WeightedInputs at = weighted_inputs(c.attributes(), c.input_count());
  Epilogue e;
  const float src_scale = c.in(0).quant->scales[0];
  const std::vector<float>& wei_scales = c.in(1).quant->scales;
  const bool per_channel = wei_scales.size() > 1;
  for (std::int64_t i = 0; i < channels; ++i) e.scales.push_back(src_scale * wei_scales[per_channel ? i : 0]);
  e.biases.assign(channels, 0.0f);
  if (at.bia >= 0) e.biases.assign(c.constant<float>(at.bia), c.constant<float>(at.bia) + channels);
  for (const PostOp& op : post_ops(c.attributes())) e.ops.push_back(to_epilogue_op(op));
  e.quantized = is_shifted(c.out());
  if (e.quantized) {
    e.inverse_scale = 1.0f / c.out().quant->scales[0];
    e.zero_point = static_cast<float>(c.out().quant->zero_points[0]);
  }
  if (at.other >= 0) {
    const TensorType& other = c.in(at.other);
    e.other_quantized = is_shifted(other);
    if (e.other_quantized) {
      e.other_scale = other.quant->scales[0];
      e.other_zero_point = stored_zero_point(other);
    }
  }
  return e;
}

Staged::Staged(const TensorType& type, std::uint32_t value, Direction direction, std::size_t& at)
    : value_(value), offset_(at) {
  if (same_order(type, Layout::channels_last)) return;
  TensorType wanted = type;
  wanted.layout = Layout::channels_last;
  const auto stored = strides_of(type), kernel = strides_of(wanted);
  if (direction == Direction::to_kernel) {
    copy_.emplace(type.shape, kernel, stored, size_of(type.dtype));
  } else {
    copy_.emplace(type.shape, stored, kernel, size_of(type.dtype));
  }
  at += round_up(type.bytes(), kLine);
}

}  // namespace xpuq::cpu
