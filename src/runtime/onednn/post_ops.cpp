#include "runtime/onednn/post_ops.h"

#include <algorithm>
#include <cmath>

namespace xpuq::onednn {

using dnnl::algorithm;

std::optional<Eltwise> as_eltwise(OpKind kind, const Attributes& a) {
  const auto alpha = static_cast<float>(a.get_float("alpha", 0)), beta = static_cast<float>(a.get_float("beta", 0));
  switch (kind) {
    case OpKind::relu: return Eltwise{algorithm::eltwise_relu};
    case OpKind::leaky_relu: return Eltwise{algorithm::eltwise_relu, alpha};
    case OpKind::clip: {
      const auto low = static_cast<float>(a.get_float("min", 0)), high = static_cast<float>(a.get_float("max", 0));
      if (!(low <= high)) return std::nullopt;
      return Eltwise{algorithm::eltwise_clip, low, high};
    }
    // x * max(0, min(1, alpha x + beta))
    case OpKind::hardswish: return Eltwise{algorithm::eltwise_hardswish, 1.0f / 6.0f, 0.5f};
    case OpKind::hardsigmoid: return Eltwise{algorithm::eltwise_hardsigmoid, alpha, beta};
    case OpKind::silu: return Eltwise{algorithm::eltwise_swish, 1.0f};
    case OpKind::gelu:
      return Eltwise{a.get_string("approximate") == "tanh" ? algorithm::eltwise_gelu_tanh
                                                           : algorithm::eltwise_gelu_erf};
    case OpKind::elu: return Eltwise{algorithm::eltwise_elu, alpha};
    case OpKind::sigmoid: return Eltwise{algorithm::eltwise_logistic};
    case OpKind::tanh: return Eltwise{algorithm::eltwise_tanh};
    case OpKind::softplus: return Eltwise{algorithm::eltwise_soft_relu, 1.0f};
    case OpKind::exp: return Eltwise{algorithm::eltwise_exp};
    case OpKind::log: return Eltwise{algorithm::eltwise_log};
    case OpKind::sqrt: return Eltwise{algorithm::eltwise_sqrt};
    case OpKind::abs: return Eltwise{algorithm::eltwise_abs};
    case OpKind::round: return Eltwise{algorithm::eltwise_round};
    default: return std::nullopt;
  }
}

bool append_post_ops(const StepContext& c, SumForm sum, dnnl::post_ops& ops) {
  const WeightedInputs at = weighted_inputs(c.attributes(), c.input_count());
  for (const PostOp& op : post_ops(c.attributes())) {
    if (op.kind == "sum") {
      const TensorType& other = c.in(at.other);
      if (sum == SumForm::operand) {
        ops.append_binary(algorithm::binary_add, sum_operand(c));
      } else if (is_int8(other)) {
        ops.append_sum(other.quant->scales[0], zero_point_of(other));
      } else {
        ops.append_sum(1.0f);
      }
      continue;
    }
    const auto [kind, attributes] = as_unary(op);
    const std::optional<Eltwise> e = as_eltwise(kind, attributes);
    if (!e) return false;
    ops.append_eltwise(e->algorithm, e->alpha, e->beta);
  }
  return true;
}

SumForm sum_form(const StepContext& c, bool is_gpu) {
  const WeightedInputs at = weighted_inputs(c.attributes(), c.input_count());
  if (at.other < 0) return SumForm::none;
  if (stored_type(c.in(at.other)) == stored_type(c.out())) return SumForm::in_dst;
  const TensorType& other = c.in(at.other);
  const bool fits = other.shape == c.out().shape && (c.op() == OpKind::conv || same_order(other, Layout::plain));
  return is_gpu && is_real(other) && fits ? SumForm::operand : SumForm::impossible;
}

dnnl::memory::desc sum_operand(const StepContext& c) {
  const TensorType& other = c.in(weighted_inputs(c.attributes(), c.input_count()).other);
  if (c.op() != OpKind::linear) return describe(other);
  const std::int64_t columns = other.shape.back();
  return row_major({other.elements() / columns, columns}, stored_type(other));
}

int sum_index(const StepContext& c) {
  const std::vector<PostOp> ops = post_ops(c.attributes());
  const auto it = std::find_if(ops.begin(), ops.end(), [](const PostOp& op) { return op.kind == "sum"; });
  return static_cast<int>(it - ops.begin());
}

}  // namespace xpuq::onednn
