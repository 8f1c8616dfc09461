// Affine quantization, bit for bit as PyTorch's quantized_decomposed operators compute it
// (pt2e-semantics 1.1, 1.2, 1.4; the reference implementation is torchao):
//   q = clamp(rne(fl(x * fl(1/scale))) + zero_point, quant_min, quant_max)      real = fl(fl(q - zero_point) * scale)
// A multiplication by the rounded reciprocal, never a division, never a fused multiply-add.
#pragma once

#include <cstdint>
#include <span>

#include "xpuq/result.h"
#include "xpuq/types.h"

namespace xpuq::qmath {

/// Activation schemes of the s8 recipe: `affine` (the command line calls it asymmetric) and `symmetric` (zero point 0).
enum class Scheme : std::uint8_t { affine, symmetric };

/// Least scale that choose_qparams returns: 2^-12 (torchao's eps for this recipe).
inline constexpr float kScaleFloor = 0x1p-12f;
/// No floor but the one that keeps 1/scale and products of two scales normal numbers.
inline constexpr float kNoScaleFloor = 0x1p-60f;

/// Zero points accepted by quantize: far beyond any 8-bit one, and small enough for every sum to stay exact in f32.
inline constexpr std::int32_t kZeroPointLimit = 1 << 20;

/// One value to its code. `zero_point` within +-kZeroPointLimit; -128 <= quant_min <= quant_max <= 255.
/// +inf gives quant_max, -inf quant_min; NaN gives 0, whatever the zero point (1.1).
std::int32_t quantize(float x, float scale, std::int32_t zero_point, std::int32_t quant_min = -128,
                      std::int32_t quant_max = 127);

/// `src.size() == dst.size()` values that share one scale; codes in [-128, 127] or [0, 255]. Per-channel tensors call
/// this once per row: 1/scale in f32 equals the f64 reciprocal rounded to f32 (1.1), so both schemes are this formula.
void quantize(std::span<const float> src, float scale, std::int32_t zero_point, std::span<std::int8_t> dst);
void quantize(std::span<const float> src, float scale, std::int32_t zero_point, std::span<std::uint8_t> dst);

/// One code to its value (1.2). |q - zero_point| < 2^24, so that the subtraction is exact.
inline float dequantize(std::int32_t q, float scale, std::int32_t zero_point) {
  return static_cast<float>(q - zero_point) * scale;
}
void dequantize(std::span<const std::int8_t> src, float scale, std::int32_t zero_point, std::span<float> dst);
void dequantize(std::span<const std::uint8_t> src, float scale, std::int32_t zero_point, std::span<float> dst);

/// Scale and zero point of one activation tensor.
struct TensorQuant {
  float scale = 1.0f;
  std::int32_t zero_point = 0;
  bool at_floor = false;  ///< the range was so small that the scale was raised to the floor: precision is lost

  QuantParams quant_params() const { return {{scale}, {zero_point}, std::nullopt}; }
};

/// Range to s8 parameters (1.4). 0 is always included. The empty range (+inf, -inf), of something never observed,
/// gives scale 1 and zero point 0. E405, without `who`, when a bound is NaN or infinite, when lo > hi, or when hi - lo
/// overflows f32: the caller knows which value it was.
Result<TensorQuant> choose_qparams(float lo, float hi, Scheme scheme, float floor = kScaleFloor);

}  // namespace xpuq::qmath
