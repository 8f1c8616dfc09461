// f32 <-> u8 codes of contiguous memory.
#pragma once

#include <cstddef>
#include <cstdint>

namespace xpuq::cpu {

struct QuantizeParams {
  float inverse_scale;
  std::int32_t zero_point;  ///< of the s8 codes; a u8 zero point less 128
  std::int32_t nan_code;    ///< s8 code of NaN: 0, or -128 for u8
};

/// u8 = clamp(rne(fl(x * inverse_scale)) + zero_point, -128, 127) + 128.
void quantize_f32(const float* src, std::int64_t count, const QuantizeParams& params, std::uint8_t* dst);
/// f32 = fl((code - zero_point) * scale), the zero point in u8 terms.
void dequantize_u8(const std::uint8_t* src, std::int64_t count, std::int32_t zero_point, float scale, float* dst);
/// Flips between s8 codes and the u8 codes 128 above them.
void shift_codes(const std::byte* src, std::int64_t count, std::byte* dst);

}  // namespace xpuq::cpu
