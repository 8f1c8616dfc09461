// quantize, dequantize and lookup. Where src and dst differ in layout, the bytes are turned after (before) they have
// become codes, a quarter of the traffic.
#include <algorithm>
#include <optional>

#include "runtime/cpu/aligned.h"
#include "runtime/cpu/parallel.h"
#include "runtime/cpu/quantize_kernel.h"
#include "runtime/cpu/steps.h"
#include "runtime/cpu/strided_copy.h"

namespace xpuq::cpu {
namespace {

std::optional<StridedCopy> turn(const TensorType& src, const TensorType& dst) {
  if (same_order(src, dst)) return std::nullopt;
  return StridedCopy(src.shape, strides_of(dst), strides_of(src), 1);
}

class QuantizeStep final : public StepImpl {
 public:
  explicit QuantizeStep(const StepContext& c)
      : src_(c.in_value(0)), dst_(c.out_value()), count_(c.in(0).elements()), turn_(turn(c.in(0), c.out())) {
    const bool s8 = c.out().dtype == DataType::s8;
    params_ = {1.0f / c.out().quant->scales[0], c.out().quant->zero_points[0] - (s8 ? 0 : 128), s8 ? 0 : -128};
  }
  std::size_t scratch_bytes() const override { return turn_ ? count_ : 0; }
  Result<void> run(const RunContext& context) override {
    std::byte* dst = context.values[dst_];
    std::byte* codes = turn_ ? context.scratch : dst;
    quantize_f32(reinterpret_cast<const float*>(context.values[src_]), count_, params_,
                 reinterpret_cast<std::uint8_t*>(codes));
    if (turn_) turn_->run(dst, codes);
    return {};
  }

 private:
  std::uint32_t src_, dst_;
  std::int64_t count_;
  std::optional<StridedCopy> turn_;
  QuantizeParams params_;
};

class DequantizeStep final : public StepImpl {
 public:
  explicit DequantizeStep(const StepContext& c)
      : src_(c.in_value(0)), dst_(c.out_value()), count_(c.in(0).elements()), turn_(turn(c.in(0), c.out())),
        zero_point_(stored_zero_point(c.in(0))), scale_(c.in(0).quant->scales[0]) {}
  std::size_t scratch_bytes() const override { return turn_ ? count_ : 0; }
  Result<void> run(const RunContext& context) override {
    const std::byte* codes = context.values[src_];
    if (turn_) {
      turn_->run(context.scratch, codes);
      codes = context.scratch;
    }
    dequantize_u8(reinterpret_cast<const std::uint8_t*>(codes), count_, zero_point_, scale_,
                  reinterpret_cast<float*>(context.values[dst_]));
    return {};
  }

 private:
  std::uint32_t src_, dst_;
  std::int64_t count_;
  std::optional<StridedCopy> turn_;
  std::int32_t zero_point_;
  float scale_;
};

class LookupStep final : public StepImpl {
 public:
  LookupStep(const StepContext& c, const std::int8_t* table)
      : src_(c.in_value(0)), dst_(c.out_value()), count_(c.in(0).elements()) {
    // Entry q + 128 of the plan's table is entry u of ours.
    for (int u = 0; u < 256; ++u) table_[u] = static_cast<std::uint8_t>(table[u] + 128);
  }
  Result<void> run(const RunContext& context) override {
    const auto* src = reinterpret_cast<const std::uint8_t*>(context.values[src_]);
    auto* dst = reinterpret_cast<std::uint8_t*>(context.values[dst_]);
    parallel_ranges(count_, 65536, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t i = begin; i < end; ++i) dst[i] = table_[src[i]];
    });
    return {};
  }

 private:
  std::uint32_t src_, dst_;
  std::int64_t count_;
  std::uint8_t table_[256];
};

}  // namespace

StepPtr make_quantize_step(const StepContext& c) {
  if (c.op() == OpKind::quantize && c.in(0).dtype == DataType::f32 && is_quantized_activation(c.out())) {
    auto step = std::make_unique<QuantizeStep>(c);
    step->named("quantize", "xpuq:quantize");
    return step;
  }
  if (c.op() == OpKind::dequantize && c.out().dtype == DataType::f32 && is_quantized_activation(c.in(0))) {
    auto step = std::make_unique<DequantizeStep>(c);
    step->named("dequantize", "xpuq:dequantize");
    return step;
  }
  return nullptr;
}

StepPtr make_lookup_step(const StepContext& c) {
  const auto* table = c.constant<std::int8_t>(1);
  // A quantized table would have been shifted by whoever wrote it; only a constant's form is known.
  if (table == nullptr || !same_order(c.in(0), c.out())) return nullptr;
  auto step = std::make_unique<LookupStep>(c, table);
  step->named("lookup", "xpuq:lookup");
  return step;
}

}  // namespace xpuq::cpu
