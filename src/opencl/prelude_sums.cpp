// Sums and products in two floats, hi + lo, where the interpreter uses f64: with 48 bits instead of 53 they round to
// the same f32 unless the exact result lies within about 2^-20 units of the middle between two floats.
#include "opencl/prelude_pieces.h"

namespace xpuq::opencl {
namespace {

constexpr Piece kPieces[] = {
    {"pair_add", "two_sum",
     "static float2 xpuq_pair_add(float2 a, float b) {\n"
     "  const float2 s = xpuq_two_sum(a.x, b);\n"
     "  return (float2)(s.x, a.y + s.y);\n"
     "}\n"},
    {"pair_sum", "two_sum",
     "static float2 xpuq_pair_sum(float2 a, float2 b) {\n"
     "  const float2 s = xpuq_two_sum(a.x, b.x);\n"
     "  return xpuq_two_sum(s.x, s.y + (a.y + b.y));\n"
     "}\n"},
    {"pair_product", "two_sum two_product",
     "static float2 xpuq_pair_product(float2 a, float2 b) {\n"
     "  const float2 p = xpuq_two_product(a.x, b.x);\n"
     "  return xpuq_two_sum(p.x, p.y + (a.x * b.y + a.y * b.x));\n"
     "}\n"},
    // To one f32; an infinite or undefined sum has no lower part.
    {"pair_round", "",
     "static float xpuq_pair_round(float2 a) { return a.x - a.x == 0.0f ? a.x + a.y : a.x; }\n"},
    // a / b, as a pair.
    {"pair_quotient", "two_sum",
     "static float2 xpuq_pair_quotient(float2 a, float b) {\n"
     "  const float q = a.x / b;\n"
     "  return xpuq_two_sum(q, (fma(-q, b, a.x) + a.y) / b);\n"
     "}\n"},
    // 1 / sqrt(a), as a pair.
    {"pair_rsqrt", "two_product two_sum",
     "static float2 xpuq_pair_rsqrt(float2 a) {\n"
     "  const float s = 1.0f / sqrt(a.x);\n"
     "  const float2 p = xpuq_two_product(s, s), q = xpuq_two_product(a.x, p.x);\n"
     "  const float r = ((1.0f - q.x) - q.y) - (a.x * p.y + a.y * p.x);\n"
     "  return xpuq_two_sum(s, 0.5f * s * r);\n"
     "}\n"},
    // An element and its place; the first of equal ones beats the others, NaN beats everything.
    {"best_float", "",
     "typedef struct { float v; long place; } xpuq_best_float;\n"
     "static int xpuq_beats_float(xpuq_best_float b, xpuq_best_float a) {\n"
     "  if (b.place < 0 || a.place < 0) return a.place < 0;\n"
     "  if (a.v != a.v && b.v != b.v) return b.place < a.place;\n"
     "  if (a.v != a.v || b.v != b.v) return b.v != b.v;\n"
     "  return b.v > a.v || (b.v == a.v && b.place < a.place);\n"
     "}\n"},
    {"best_long", "",
     "typedef struct { long v; long place; } xpuq_best_long;\n"
     "static int xpuq_beats_long(xpuq_best_long b, xpuq_best_long a) {\n"
     "  if (b.place < 0 || a.place < 0) return a.place < 0;\n"
     "  return b.v > a.v || (b.v == a.v && b.place < a.place);\n"
     "}\n"},
};

}  // namespace

std::span<const Piece> sum_pieces() { return kPieces; }

}  // namespace xpuq::opencl
