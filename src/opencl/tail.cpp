#include "opencl/tail.h"

#include "opencl/c_type.h"
#include "opencl/formula.h"
#include "support/check.h"

namespace xpuq::opencl {

bool takes_tail(const Plan& plan, const Step& step) {
  if (step.outputs.size() != 1 || !is_kernel_float(plan.values[step.outputs[0]].type.dtype)) return false;
  switch (step.op) {
    case OpKind::softmax: case OpKind::log_softmax: case OpKind::layer_norm: case OpKind::group_norm:
    case OpKind::reduce_mean: case OpKind::reduce_sum: case OpKind::reduce_max:
    case OpKind::reduce_min: case OpKind::avg_pool: case OpKind::adaptive_avg_pool: return true;
    case OpKind::resize: return step.attributes.get_string("mode") != "nearest";
    default: return false;
  }
}

bool is_tail(const Plan& plan, const std::vector<std::uint32_t>& steps, std::uint32_t value) {
  const Shape& shape = plan.values[value].type.shape;
  for (const std::uint32_t s : steps) {
    const Step& step = plan.steps[s];
    const bool pointwise = is_unary(step.op) || is_binary(step.op) || step.op == OpKind::quantize || step.op == OpKind::cast || step.op == OpKind::dequantize;
    if (!pointwise || plan.values[step.outputs[0]].type.shape != shape) return false;
  }
  const auto expression = make_expression(plan, steps);
  // No move is among the steps, so the one load is of the element itself.
  return expression && expression->loads.size() == 1 && expression->loads[0].value == value && expression->tables.empty();
}

Tail::Tail(const Plan& plan, const std::vector<std::uint32_t>& steps)
    : plan_(plan), head_(plan.steps[steps.front()].outputs[0]), value_(plan.steps[steps.back()].outputs[0]),
      steps_(steps.begin() + 1, steps.end()) {}

std::string Tail::declare(KernelText& text) {
  const std::string y = text.write(value_, plan_.values[value_].type.dtype);
  if (steps_.empty()) return y;
  const auto expression = make_expression(plan_, steps_);
  XPUQ_CHECK(expression && expression->loads.size() == 1, "is_tail said so");
  text.prelude().add(expression->prelude);
  std::string parameters;
  if (!expression->parameters.empty()) {
    parameters_ = text.literal(literal_bytes(expression->parameters), DataType::f32);
    parameters = "__global const float* restrict p, ";
  }
  text.function("static " + std::string(c_type(plan_.values[value_].type.dtype)) + " xpuq_element(" + parameters +
                std::string(c_type(plan_.values[head_].type.dtype)) + " a0) {\n" + expression->statements + "  return " +
                expression->result + ";\n}\n");
  return y;
}

std::string Tail::element(const std::string& f32, KernelText& text) const {
  const std::string own = from_f32(plan_.values[head_].type.dtype, f32, text.prelude());
  return steps_.empty() ? own : "xpuq_element(" + (parameters_.empty() ? "" : parameters_ + ", ") + own + ")";
}

}  // namespace xpuq::opencl
