#include "qmath/affine.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "qmath/dispatch.h"
#include "support/check.h"
#include "support/json.h"

namespace xpuq::qmath {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
// Adding and subtracting 1.5 * 2^23 leaves the nearest integer, ties to even, for |v| <= 2^22, on every target and
// without a library call. Beyond kSafe every code is saturated anyway, so clamping first changes nothing.
constexpr float kRoundMagic = 0x1.8p23f;
constexpr float kSafe = 0x1p21f;

XPUQ_INLINE float round_half_even(float v) { return (v + kRoundMagic) - kRoundMagic; }

// Written with selects that keep NaN, because the conversion of NaN to an integer is undefined in C++.
XPUQ_INLINE float code_as_float(float x, float inverse, float zero_point, float quant_min, float quant_max) {
  const float scaled = x * inverse;
  float v = scaled < -kSafe ? -kSafe : scaled;
  v = v > kSafe ? kSafe : v;
  v = round_half_even(v) + zero_point;
  v = v < quant_min ? quant_min : v;
  v = v > quant_max ? quant_max : v;
  return scaled == scaled ? v : 0.0f;
}

template <class Code>
XPUQ_INLINE void quantize_row(const float* src, std::size_t n, float inverse, float zero_point, Code* dst) {
  constexpr float lo = std::numeric_limits<Code>::min(), hi = std::numeric_limits<Code>::max();
  for (std::size_t i = 0; i < n; ++i)
    dst[i] = static_cast<Code>(static_cast<std::int32_t>(code_as_float(src[i], inverse, zero_point, lo, hi)));
}

template <class Code>
XPUQ_AVX2 void quantize_row_avx2(const float* src, std::size_t n, float inverse, float zero_point, Code* dst) {
  quantize_row(src, n, inverse, zero_point, dst);
}

template <class Code>
XPUQ_INLINE void dequantize_row(const Code* src, std::size_t n, float scale, std::int32_t zero_point, float* dst) {
  for (std::size_t i = 0; i < n; ++i) dst[i] = static_cast<float>(src[i] - zero_point) * scale;
}

template <class Code>
XPUQ_AVX2 void dequantize_row_avx2(const Code* src, std::size_t n, float scale, std::int32_t zero_point, float* dst) {
  dequantize_row(src, n, scale, zero_point, dst);
}

void check_zero_point(std::int32_t zero_point) {
  XPUQ_CHECK(zero_point >= -kZeroPointLimit && zero_point <= kZeroPointLimit, "zero point out of range");
}

template <class Code>
void quantize_span(std::span<const float> src, float scale, std::int32_t zero_point, std::span<Code> dst) {
  XPUQ_CHECK(src.size() == dst.size(), "quantize: sizes differ");
  check_zero_point(zero_point);
  const float inverse = 1.0f / scale;
  const auto row = cpu_has_avx2() ? quantize_row_avx2<Code> : quantize_row<Code>;
  row(src.data(), src.size(), inverse, static_cast<float>(zero_point), dst.data());
}

template <class Code>
void dequantize_span(std::span<const Code> src, float scale, std::int32_t zero_point, std::span<float> dst) {
  XPUQ_CHECK(src.size() == dst.size(), "dequantize: sizes differ");
  check_zero_point(zero_point);
  const auto row = cpu_has_avx2() ? dequantize_row_avx2<Code> : dequantize_row<Code>;
  row(src.data(), src.size(), scale, zero_point, dst.data());
}

std::string bound_text(float v) {
  if (std::isnan(v)) return "NaN";
  return std::isinf(v) ? (v > 0 ? "inf" : "-inf") : format_f32(v);
}

Error bad_range(std::string what, float lo, float hi) {
  return {.code = "E405", .who = {}, .what = std::move(what), .got = bound_text(lo) + " to " + bound_text(hi),
          .expected = "finite bounds, the lower one first", .remedy = {}, .node = {}};
}

}  // namespace

std::int32_t quantize(float x, float scale, std::int32_t zero_point, std::int32_t quant_min, std::int32_t quant_max) {
  check_zero_point(zero_point);
  return static_cast<std::int32_t>(code_as_float(x, 1.0f / scale, static_cast<float>(zero_point),
                                                 static_cast<float>(quant_min), static_cast<float>(quant_max)));
}

void quantize(std::span<const float> src, float scale, std::int32_t zero_point, std::span<std::int8_t> dst) {
  quantize_span(src, scale, zero_point, dst);
}
void quantize(std::span<const float> src, float scale, std::int32_t zero_point, std::span<std::uint8_t> dst) {
  quantize_span(src, scale, zero_point, dst);
}
void dequantize(std::span<const std::int8_t> src, float scale, std::int32_t zero_point, std::span<float> dst) {
  dequantize_span(src, scale, zero_point, dst);
}
void dequantize(std::span<const std::uint8_t> src, float scale, std::int32_t zero_point, std::span<float> dst) {
  dequantize_span(src, scale, zero_point, dst);
}

Result<TensorQuant> choose_qparams(float lo, float hi, Scheme scheme, float floor) {
  if (lo == kInfinity && hi == -kInfinity) return TensorQuant{};
  if (!std::isfinite(lo) || !std::isfinite(hi)) return bad_range("range is not finite", lo, hi);
  if (lo > hi) return bad_range("range is empty", lo, hi);
  lo = std::min(lo, 0.0f);
  hi = std::max(hi, 0.0f);
  const float raw = scheme == Scheme::affine ? (hi - lo) / 255.0f : std::max(-lo, hi) / 127.5f;
  if (!std::isfinite(raw)) return bad_range("range is too wide for binary32", lo, hi);
  TensorQuant out;
  out.at_floor = raw < floor;
  out.scale = std::max(raw, floor);
  if (scheme == Scheme::affine) {
    // The one true division of the scheme: |lo / scale| <= 255 up to rounding, so the conversion is safe.
    const auto offset = static_cast<std::int32_t>(round_half_even(lo / out.scale));
    out.zero_point = std::clamp(-128 - offset, -128, 127);
  }
  return out;
}

}  // namespace xpuq::qmath
