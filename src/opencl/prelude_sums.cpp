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
    // grid_sample: a coordinate mirrored at the borders of [low, low + span], and one clamped as std::clamp does.
    {"reflected", "",
     "static float xpuq_reflected(float x, float low, float span) {\n"
     "  if (span == 0.0f) return 0.0f;\n"
     "  const float distance = fabs(x - low);\n"
     "  const float rest = fmod(distance, span);\n"
     "  const int back = fmod(floor(distance / span), 2.0f) != 0.0f;\n"
     "  return (back ? span - rest : rest) + low;\n"
     "}\n"},
    {"clamp_coordinate", "",
     "static float xpuq_clamp_coordinate(float x, float high) { return x < 0.0f ? 0.0f : high < x ? high : x; }\n"},
    // Keys' cubic kernel with -0.75 for pixel i of 0..3 about a point t behind pixel 1.
    {"keys_weight", "pair_sum pair_product",
     "static float2 xpuq_keys_weight(float2 t, int i) {\n"
     "  const float2 d = i == 0 ? xpuq_pair_sum(t, (float2)(1.0f, 0.0f)) : i == 1 ? t\n"
     "                 : xpuq_pair_sum((float2)(i == 2 ? 1.0f : 2.0f, 0.0f), -t);\n"
     "  const int far = i == 0 || i == 3;\n"
     "  const float2 a = far ? xpuq_pair_sum(d, (float2)(-5.0f, 0.0f))\n"
     "                       : xpuq_pair_sum(xpuq_pair_product((float2)(1.25f, 0.0f), d), (float2)(-2.25f, 0.0f));\n"
     "  const float2 b = xpuq_pair_product(a, d);\n"
     "  if (!far) return xpuq_pair_sum(xpuq_pair_product(b, d), (float2)(1.0f, 0.0f));\n"
     "  const float2 c = xpuq_pair_product(xpuq_pair_sum(b, (float2)(8.0f, 0.0f)), d);\n"
     "  return xpuq_pair_sum(xpuq_pair_product(c, (float2)(-0.75f, 0.0f)), (float2)(3.0f, 0.0f));\n"
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
