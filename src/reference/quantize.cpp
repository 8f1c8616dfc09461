// quantize, dequantize: pt2e-semantics 1.1 and 1.2. observe computes nothing: whoever runs the graph reads its input.
#include "reference/quantize.h"

#include "reference/element.h"
#include "reference/floats.h"
#include "reference/groups.h"

namespace xpuq::reference {
namespace {

template <class Code>
void quantize_all(const Operand& src, const MutableOperand& dst, std::int32_t low) {
  const QuantParams& quant = *dst.type->quant;
  std::vector<float> inverse;
  for (float s : quant.scales) inverse.push_back(1.0f / s);
  const FloatSource x(src);
  Code* y = elements<Code>(dst);
  const ChannelWalk channels(*dst.type);
  const auto count = static_cast<std::size_t>(dst.type->elements());
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t c = channels.of(i);
    y[i] = static_cast<Code>(quantize(x.data()[i], inverse[c], quant.zero_points[c], low, low + 255));
  }
}

void dequantize_all(const Operand& src, const MutableOperand& dst) {
  const FloatSource x(src);
  FloatSink y(dst);
  std::copy(x.data(), x.data() + src.type->elements(), y.data());
}

}  // namespace

Result<void> run_quantize(const OpCall& call) {
  if (call.kind == OpKind::dequantize) {
    dequantize_all(call.inputs[0], call.outputs[0]);
  } else if (call.kind == OpKind::quantize) {
    if (call.outputs[0].type->dtype == DataType::s8) quantize_all<std::int8_t>(call.inputs[0], call.outputs[0], -128);
    else quantize_all<std::uint8_t>(call.inputs[0], call.outputs[0], 0);
  }
  return {};
}

}  // namespace xpuq::reference
