// The binary operations, as src/reference/binary.cpp has them. Integer ones are computed in 64 bits and narrowed by
// the caller; where the interpreter reports a division by zero, the quotient is 0.
#include "opencl/prelude_pieces.h"

namespace xpuq::opencl {
namespace {

constexpr Piece kPieces[] = {
    {"minimum", "", "static float xpuq_minimum(float a, float b) { return a < b || a != a ? a : b; }\n"},
    {"maximum", "", "static float xpuq_maximum(float a, float b) { return a > b || a != a ? a : b; }\n"},
    {"prelu", "", "static float xpuq_prelu(float x, float slope) { return x < 0.0f ? slope * x : x; }\n"},
    {"fmod", "", "static float xpuq_fmod(float a, float b) { return fmod(a, b); }\n"},
    {"mod", "",
     "static float xpuq_mod(float a, float b) {\n"
     "  const float r = fmod(a, b);\n"
     "  return r != 0.0f && (r < 0.0f) != (b < 0.0f) ? r + b : r;\n"
     "}\n"},
    {"integer_div", "",
     "static long xpuq_integer_div(long a, long b) {\n"
     "  if (b == 0) return 0;\n"
     "  return b == -1 ? (long)(0ul - (ulong)a) : a / b;\n"
     "}\n"},
    {"integer_fmod", "",
     "static long xpuq_integer_fmod(long a, long b) { return b == 0 || b == -1 ? 0 : a % b; }\n"},
    {"integer_mod", "integer_fmod",
     "static long xpuq_integer_mod(long a, long b) {\n"
     "  const long r = xpuq_integer_fmod(a, b);\n"
     "  return r != 0 && (r < 0) != (b < 0) ? r + b : r;\n"
     "}\n"},
    {"integer_pow", "",
     "static long xpuq_integer_pow(long base, long exponent) {\n"
     "  if (exponent < 0) return base == 1 ? 1 : base != -1 ? 0 : exponent % 2 == 0 ? 1 : -1;\n"
     "  ulong out = 1, factor = (ulong)base;\n"
     "  for (ulong e = (ulong)exponent; e > 0; e >>= 1, factor *= factor)\n"
     "    if (e & 1) out *= factor;\n"
     "  return (long)out;\n"
     "}\n"},
};

}  // namespace

std::span<const Piece> binary_pieces() { return kPieces; }

}  // namespace xpuq::opencl
