// Conversions between stored and computed numbers, as src/reference/element.h and quantize.h define them.
#include "opencl/prelude_pieces.h"

namespace xpuq::opencl {
namespace {

constexpr Piece kPieces[] = {
    {"f32_of_bf16", "", "static float xpuq_f32_of_bf16(ushort b) { return as_float((uint)b << 16); }\n"},
    // Half to even; NaN stays NaN.
    {"bf16_of_f32", "",
     "static ushort xpuq_bf16_of_f32(float v) {\n"
     "  const uint u = as_uint(v);\n"
     "  return (ushort)(v != v ? (u >> 16) | 0x40u : (u + 0x7FFFu + ((u >> 16) & 1u)) >> 16);\n"
     "}\n"},
    // A rounded code in f32 to an integer; NaN gives 0, whatever the zero point.
    {"clamp_code", "",
     "static int xpuq_clamp_code(float q, float low, float high) {\n"
     "  const float c = fmin(fmax(q, low), high);\n"
     "  return q == q ? (int)c : 0;\n"
     "}\n"},
    // Truncates toward zero and saturates; NaN gives 0.
    {"saturate", "",
     "static long xpuq_saturate(float v, long low, long high) {\n"
     "  if (v != v) return 0;\n"
     "  if (v <= (float)low) return low;\n"
     "  return v >= (float)high ? high : (long)v;\n"
     "}\n"},
};

}  // namespace

std::span<const Piece> conversion_pieces() { return kPieces; }

}  // namespace xpuq::opencl
