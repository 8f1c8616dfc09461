// The unary operations on f32, written operation for operation as src/reference/unary_function.h has them.
#include "opencl/prelude_pieces.h"

namespace xpuq::opencl {
namespace {

constexpr Piece kPieces[] = {
    {"relu", "", "static float xpuq_relu(float x) { return x < 0.0f ? 0.0f : x; }\n"},
    {"clip", "",
     "static float xpuq_clip(float x, float low, float high) {\n"
     "  const float y = x < low ? low : x;\n"
     "  return y > high ? high : y;\n"
     "}\n"},
    {"hardswish", "clip",
     "static float xpuq_hardswish(float x) { return x * xpuq_clip(x + 3.0f, 0.0f, 6.0f) / 6.0f; }\n"},
    {"hardsigmoid", "clip",
     "static float xpuq_hardsigmoid(float x, float a, float b) { return xpuq_clip(a * x + b, 0.0f, 1.0f); }\n"},
    {"leaky_relu", "", "static float xpuq_leaky_relu(float x, float a) { return x < 0.0f ? a * x : x; }\n"},
    {"silu", "exp", "static float xpuq_silu(float x) { return x / (1.0f + xpuq_exp(-x)); }\n"},
    {"sigmoid", "exp", "static float xpuq_sigmoid(float x) { return 1.0f / (1.0f + xpuq_exp(-x)); }\n"},
    {"gelu", "erf",
     "static float xpuq_gelu(float x) { return 0.5f * x * (1.0f + xpuq_erf(x * 0x1.6a09e6p-1f)); }\n"},
    {"gelu_tanh", "tanh",
     "static float xpuq_gelu_tanh(float x) {\n"
     "  const float inner = 0x1.988454p-1f * (x + 0x1.6e4e26p-5f * x * x * x);\n"
     "  return 0.5f * x * (1.0f + xpuq_tanh(inner));\n"
     "}\n"},
    {"elu", "expm1", "static float xpuq_elu(float x, float a) { return x < 0.0f ? a * xpuq_expm1(x) : x; }\n"},
    {"softplus", "exp log1p",
     "static float xpuq_softplus(float x) { return (x > 0.0f ? x : 0.0f) + xpuq_log1p(xpuq_exp(-fabs(x))); }\n"},
    {"reciprocal", "", "static float xpuq_reciprocal(float x) { return 1.0f / x; }\n"},
    {"sqrt", "", "static float xpuq_sqrt(float x) { return sqrt(x); }\n"},
    {"abs", "", "static float xpuq_abs(float x) { return fabs(x); }\n"},
    {"neg", "", "static float xpuq_neg(float x) { return -x; }\n"},
    {"floor", "", "static float xpuq_floor(float x) { return floor(x); }\n"},
    {"ceil", "", "static float xpuq_ceil(float x) { return ceil(x); }\n"},
    {"round", "", "static float xpuq_round(float x) { return rint(x); }\n"},
    {"sign", "",
     "static float xpuq_sign(float x) { return (x > 0.0f ? 1.0f : 0.0f) - (x < 0.0f ? 1.0f : 0.0f); }\n"},
};

}  // namespace

std::span<const Piece> unary_pieces() { return kPieces; }

}  // namespace xpuq::opencl
