// to_codes, from_codes (ops/codes.cpp): the same bytes, or 128 more or less of them.
#include "reference/element.h"
#include "reference/groups.h"

namespace xpuq::reference {

Result<void> run_codes(const OpCall& call) {
  const Operand& src = call.inputs[0];
  const MutableOperand& dst = call.outputs[0];
  // s8 to u8 adds 128 and u8 to s8 takes 128 away: modulo 256 both flip the highest bit.
  const std::uint8_t flip = src.type->dtype == dst.type->dtype ? 0 : 0x80;
  const auto* x = elements<std::uint8_t>(src);
  auto* y = elements<std::uint8_t>(dst);
  const std::int64_t count = src.type->elements();
  for (std::int64_t i = 0; i < count; ++i) y[i] = static_cast<std::uint8_t>(x[i] ^ flip);
  return {};
}

}  // namespace xpuq::reference
