#include "reference/floats.h"

#include "reference/element.h"
#include "reference/quantize.h"
#include "support/check.h"

namespace xpuq::reference {
namespace {

template <class Code>
std::vector<float> dequantized(const Operand& operand) {
  const QuantParams& quant = *operand.type->quant;
  const Code* codes = elements<Code>(operand);
  std::vector<float> out(static_cast<std::size_t>(operand.type->elements()));
  const ChannelWalk channels(*operand.type);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t c = channels.of(i);
    out[i] = dequantize(codes[i], quant.scales[c], quant.zero_points[c]);
  }
  return out;
}

std::vector<float> converted(const Operand& operand) {
  if (operand.type->quant)
    return operand.type->dtype == DataType::s8 ? dequantized<std::int8_t>(operand) : dequantized<std::uint8_t>(operand);
  XPUQ_CHECK(operand.type->dtype == DataType::bf16, "a kernel float");
  const Bf16* values = elements<Bf16>(operand);
  return {values, values + operand.type->elements()};
}

}  // namespace

FloatSource::FloatSource(const Operand& operand) {
  if (operand.type->dtype == DataType::f32) {
    values_ = {elements<float>(operand), static_cast<std::size_t>(operand.type->elements())};
  } else {
    copy_ = converted(operand);
    values_ = copy_;
  }
}

FloatSink::FloatSink(const MutableOperand& operand) : operand_(operand) {
  const auto count = static_cast<std::size_t>(operand.type->elements());
  if (operand.type->dtype == DataType::f32) {
    values_ = {elements<float>(operand), count};
  } else {
    XPUQ_CHECK(operand.type->dtype == DataType::bf16, "a kernel float");
    copy_.resize(count);
    values_ = copy_;
  }
}

FloatSink::~FloatSink() {
  for (std::size_t i = 0; i < copy_.size(); ++i) elements<Bf16>(operand_)[i] = Bf16(copy_[i]);
}

}  // namespace xpuq::reference
