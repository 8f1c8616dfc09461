#include "opencl/epilogue.h"

#include "opencl/c_type.h"
#include "opencl/formula.h"
#include "ops/post_ops.h"

namespace xpuq::opencl {

Epilogue::Epilogue(const Plan& plan, const Step& step, KernelText& text, std::string y)
    : plan_(plan), step_(step), text_(text), y_(std::move(y)) {
  const TensorType& src = plan.values[step.inputs[0]].type;
  const TensorType& wei = plan.values[step.inputs[1]].type;
  const TensorType& dst = plan.values[step.outputs[0]].type;
  const WeightedInputs at = weighted_inputs(step.attributes, step.inputs.size());
  if (at.bia >= 0) {
    const std::uint32_t v = step.inputs[static_cast<std::size_t>(at.bia)];
    bia_ = text.read(v, plan.values[v].type.dtype);
  }
  std::vector<float> numbers{0, 0, 0, 0};
  if (at.other >= 0) {
    const std::uint32_t v = step.inputs[static_cast<std::size_t>(at.other)];
    other_ = text.read(v, plan.values[v].type.dtype);
    if (const auto& quant = plan.values[v].type.quant) {
      numbers[0] = static_cast<float>(quant->zero_points[0]);
      numbers[1] = quant->scales[0];
    }
  }
  if (dst.quant) {
    numbers[2] = 1.0f / dst.quant->scales[0];
    numbers[3] = static_cast<float>(dst.quant->zero_points[0]);
  }
  numbers_ = text.literal(literal_bytes(numbers), DataType::f32);
  if (src.quant) {
    std::vector<float> scales;
    for (const float s : wei.quant->scales) scales.push_back(src.quant->scales[0] * s);
    per_channel_ = scales.size() > 1;
    scales_ = text.literal(literal_bytes(scales), DataType::f32);
  }
}

void Epilogue::write(const std::string& acc, const std::string& channel, const std::string& to, const std::string& other_at) {
  Prelude& prelude = text_.prelude();
  text_.line("float v = " + acc + (scales_.empty() ? "" : " * " + scales_ + "[" + (per_channel_ ? channel : "0") + "]") + ";");
  if (!bia_.empty()) {
    const TensorType& bia = plan_.values[step_.inputs[2]].type;
    text_.line("v = v + " + as_f32(bia.dtype, bia_ + "[" + channel + "]", prelude) + ";");
  }
  for (const PostOp& op : post_ops(step_.attributes)) {
    if (op.kind == "sum") {
      const TensorType& other = plan_.values[step_.inputs.back()].type;
      const std::string element = other_ + "[" + other_at + "]";
      const std::string real = other.quant ? "((float)" + element + " - " + numbers_ + "[0]) * " + numbers_ + "[1]" : as_f32(other.dtype, element, prelude);
      text_.line("v = v + " + real + ";");
      continue;
    }
    const auto [kind, attributes] = as_unary(op);
    const auto result = unary_f32(kind, attributes, "v", prelude);
    if (!result) {
      problem_ = "post-op " + op.kind;
      return;
    }
    text_.line("v = " + *result + ";");
  }
  const TensorType& dst = plan_.values[step_.outputs[0]].type;
  if (!dst.quant) return text_.line(y_ + "[" + to + "] = " + from_f32(dst.dtype, "v", prelude) + ";");
  text_.line(y_ + "[" + to + "] = (char)" + prelude.function("clamp_code") + "(rint(v * " + numbers_ + "[2] + " + numbers_ + "[3]), -128.0f, 127.0f);");
}

}  // namespace xpuq::opencl
