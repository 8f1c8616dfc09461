#include "reference/epilogue.h"

#include "reference/element.h"
#include "reference/quantize.h"

namespace xpuq::reference {

Epilogue::Epilogue(const OpCall& call) : dst_(call.outputs[0]) {
  const TensorType& src = *call.inputs[0].type;
  const TensorType& wei = *call.inputs[1].type;
  if (src.quant) {
    const bool source_first = call.arithmetic == Arithmetic::source_first;
    src_scale_ = source_first ? src.quant->scales[0] : 1.0f;
    for (float s : wei.quant->scales) scales_.push_back(source_first ? s : src.quant->scales[0] * s);
  }
  const WeightedInputs at = weighted_inputs(*call.attributes, call.inputs.size());
  if (at.bia >= 0) bia_.emplace(call.inputs[static_cast<std::size_t>(at.bia)]);
  if (at.other >= 0) other_.emplace(call.inputs[static_cast<std::size_t>(at.other)]);
  for (const PostOp& op : post_ops(*call.attributes)) {
    steps_.emplace_back();
    if (op.kind == "sum") continue;
    const auto [kind, attributes] = as_unary(op);
    steps_.back().emplace(kind, attributes);
  }
  if (dst_.type->quant) {
    inverse_scale_ = 1.0f / dst_.type->quant->scales[0];
    zero_point_ = static_cast<float>(dst_.type->quant->zero_points[0]);
  }
}

void Epilogue::finish(std::int64_t index, std::int64_t channel, float v) {
  if (bia_) v = v + (*bia_)[channel];
  for (const auto& step : steps_) v = step ? step->of_float(v) : v + (*other_)[index];
  switch (dst_.type->dtype) {
    case DataType::s8:
      elements<std::int8_t>(dst_)[index] = requantize(v, inverse_scale_, zero_point_);
      break;
    case DataType::bf16:
      elements<Bf16>(dst_)[index] = Bf16(v);
      break;
    default:
      elements<float>(dst_)[index] = v;
      break;
  }
}

}  // namespace xpuq::reference
