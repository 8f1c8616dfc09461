// cast between f32 and bf16, where source and destination lie in the same order.
#include "runtime/cpu/bf16.h"
#include "runtime/cpu/steps.h"

namespace xpuq::cpu {
namespace {

class CastStep final : public StepImpl {
 public:
  explicit CastStep(const StepContext& c)
      : src_(c.in_value(0)), dst_(c.out_value()), count_(c.out().elements()), widens_(c.in(0).dtype == DataType::bf16) {}

  Result<void> run(const RunContext& context) override {
    const std::byte* src = context.values[src_];
    std::byte* dst = context.values[dst_];
    if (widens_) widen_bf16(reinterpret_cast<const std::uint16_t*>(src), count_, reinterpret_cast<float*>(dst));
    else narrow_to_bf16(reinterpret_cast<const float*>(src), count_, reinterpret_cast<std::uint16_t*>(dst));
    return {};
  }

 private:
  std::uint32_t src_, dst_;
  std::int64_t count_;
  bool widens_;
};

}  // namespace

StepPtr make_cast_step(const StepContext& c) {
  const DataType from = c.in(0).dtype, to = c.out().dtype;
  const bool fits = (from == DataType::bf16 && to == DataType::f32) || (from == DataType::f32 && to == DataType::bf16);
  if (!fits || !same_order(c.in(0), c.out())) return nullptr;
  auto step = std::make_unique<CastStep>(c);
  step->named("cast", "xpuq:cast");
  return step;
}

}  // namespace xpuq::cpu
