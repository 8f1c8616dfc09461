#include "runtime/onednn/weighted_step.h"

#include <set>

#include "support/check.h"

namespace xpuq::onednn {

using dnnl::memory;

std::optional<dnnl::primitive_attr> WeightedStep::attributes() const {
  const StepContext& c = context_;
  dnnl::primitive_attr attr = user_scratchpad();
  dnnl::post_ops ops;
  const SumForm sum = sum_form(c, library_.is_gpu());
  if (sum == SumForm::impossible || !append_post_ops(c, sum, ops)) return std::nullopt;
  attr.set_post_ops(ops);
  if (!is_int8()) return attr;
  attr.set_scales_mask(DNNL_ARG_SRC, 0);
  const bool per_channel = c.in(1).quant->scales.size() > 1;
  const bool grouped = c.op() == OpKind::conv && c.attributes().get_int("groups", 1) > 1;
  attr.set_scales_mask(DNNL_ARG_WEIGHTS, !per_channel ? 0 : columns_ ? 2 : grouped ? 3 : 1);
  // Zero points cost a compensation pass: after relu there is none, because the smallest code stands for 0.
  if (zero_point_of(c.in(0)) != 0) attr.set_zero_points_mask(DNNL_ARG_SRC, 0);
  if (onednn::is_int8(c.out())) {
    attr.set_scales_mask(DNNL_ARG_DST, 0);
    if (zero_point_of(c.out()) != 0) attr.set_zero_points_mask(DNNL_ARG_DST, 0);
  }
  return attr;
}

memory::desc WeightedStep::bias() const {
  const WeightedInputs at = weighted_inputs(context_.attributes(), context_.input_count());
  if (at.bia < 0) return memory::desc();
  const TensorType& bia = context_.in(at.bia);
  return columns_ ? row_major({1, bia.elements()}, stored_type(bia)) : describe(bia);
}

void WeightedStep::add_quantization(std::vector<PrimitiveStep::Argument>& arguments) {
  const auto one = row_major({1});
  const auto one_s32 = row_major({1}, memory::data_type::s32);
  const TensorType& src = context_.in(0);
  const std::vector<float>& scales = context_.in(1).quant->scales;
  arguments.push_back({DNNL_ARG_ATTR_SCALES | DNNL_ARG_SRC, step_->own_f32({src.quant->scales[0]}), one});
  arguments.push_back({DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS, step_->own_f32(scales),
                       row_major({static_cast<memory::dim>(scales.size())})});
  if (const std::int32_t z = zero_point_of(src); z != 0) {
    arguments.push_back({DNNL_ARG_ATTR_ZERO_POINTS | DNNL_ARG_SRC, step_->own_s32(z), one_s32});
  }
  if (!onednn::is_int8(context_.out())) return;
  arguments.push_back({DNNL_ARG_ATTR_SCALES | DNNL_ARG_DST, step_->own_f32({context_.out().quant->scales[0]}), one});
  if (const std::int32_t z = zero_point_of(context_.out()); z != 0) {
    arguments.push_back({DNNL_ARG_ATTR_ZERO_POINTS | DNNL_ARG_DST, step_->own_s32(z), one_s32});
  }
}

PrimitiveStep::Slot WeightedStep::staged(Slot value, const memory::desc& have, const memory::desc& want) {
  if (have == want) return value;
  const Slot slot = step_->scratch(want);
  step_->add_reorder(value, have, slot, want);
  return slot;
}

StepPtr WeightedStep::finish(const dnnl::primitive& primitive, const memory::desc& want_src,
                             const memory::desc& want_wei, const memory::desc& want_dst, const memory::desc& scratchpad,
                             const std::string& implementation, const memory::desc& src, const memory::desc& wei,
                             const memory::desc& dst, const char* name) {
  const StepContext& c = context_;
  const WeightedInputs at = weighted_inputs(c.attributes(), c.input_count());
  std::vector<PrimitiveStep::Argument> arguments;
  arguments.push_back({DNNL_ARG_SRC, staged(step_->value(c.in_value(0)), src, want_src), want_src});
  if (const std::byte* constant = c.constant<std::byte>(1)) {
    arguments.push_back({DNNL_ARG_WEIGHTS, step_->own_packed(constant, wei, want_wei), want_wei});
  } else {
    arguments.push_back({DNNL_ARG_WEIGHTS, staged(step_->value(c.in_value(1)), wei, want_wei), want_wei});
  }
  if (at.bia >= 0) arguments.push_back({DNNL_ARG_BIAS, step_->value(c.in_value(at.bia)), bias()});
  if (is_int8()) add_quantization(arguments);

  const bool direct = dst == want_dst;
  const Slot out = direct ? step_->value(c.out_value()) : step_->scratch(want_dst);
  const SumForm sum = sum_form(c, library_.is_gpu());
  if (sum == SumForm::operand) {
    arguments.push_back({DNNL_ARG_ATTR_MULTIPLE_POST_OP(sum_index(c)) | DNNL_ARG_SRC_1,
                         step_->value(c.in_value(at.other)), sum_operand(c)});
  }
  if (sum == SumForm::in_dst) {
    // The sum works on dst, so the accumulator has to be there.
    const bool same = describe(c.in(at.other)) == describe(c.out());
    if (direct && same) {
      step_->copy_first(c.in_value(at.other), c.out_value(), c.out().bytes());
    } else if (direct || same) {
      step_->add_reorder(step_->value(c.in_value(at.other)), same ? dst : describe(c.in(at.other)), out, want_dst);
    } else {
      return nullptr;
    }
  }
  arguments.push_back({DNNL_ARG_DST, out, want_dst});
  step_->add(primitive, scratchpad, std::move(arguments),
             sum == SumForm::in_dst ? PrimitiveStep::Destination::accumulated : PrimitiveStep::Destination::overwritten);
  if (!direct) step_->add_reorder(out, want_dst, step_->value(c.out_value()), dst);
  step_->named(name, implementation);
  return std::move(step_);
}

}  // namespace xpuq::onednn
