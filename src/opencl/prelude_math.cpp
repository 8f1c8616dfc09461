// Functions that OpenCL leaves to the device, written in IEEE operations and fma so that every device gives the same
// bits. Sums are carried in two floats (hi + lo), so most results are within 0.51 to 0.8 units in the last place; the
// bound of each is stated and tested over all floats (tests/unit/opencl/math_device_test.cpp). Coefficients come from
// tools/fit_polynomials.py. Subnormal numbers are kept; no function needs more than fma, rint and correctly rounded
// division and square root.
#include "opencl/prelude_pieces.h"

namespace xpuq::opencl {
namespace {

constexpr Piece kPieces[] = {
    // a + b and a * b without error, as hi + lo.
    {"two_sum", "",
     "static float2 xpuq_two_sum(float a, float b) {\n"
     "  const float s = a + b, t = s - a;\n"
     "  return (float2)(s, (a - (s - t)) + (b - t));\n"
     "}\n"},
    {"two_product", "",
     "static float2 xpuq_two_product(float a, float b) {\n"
     "  const float p = a * b;\n"
     "  return (float2)(p, fma(a, b, -p));\n"
     "}\n"},
    // y * 2^n for |n| <= 250, rounded once.
    {"scale", "",
     "static float xpuq_scale(float y, float n) {\n"
     "  const int i = (int)n, a = i >> 1, b = i - a;\n"
     "  return y * as_float((a + 127) << 23) * as_float((b + 127) << 23);\n"
     "}\n"},
    // s with exp(x + low) = 2^n (1 + s), n = rint(x / log 2).
    {"expm1_reduced", "",
     "static float2 xpuq_expm1_reduced(float x, float low, float n) {\n"
     "  const float h = fma(n, -0x1.62e8p-1f, x);\n"
     "  const float l = fma(n, 0x1.e8082ep-16f, low);\n"
     "  const float r = h + l, e = (h - r) + l;\n"
     "  float q = 0x1.a2bfbep-13f;\n"
     "  q = fma(q, r, 0x1.6d345ap-10f);\n"
     "  q = fma(q, r, 0x1.110fccp-7f);\n"
     "  q = fma(q, r, 0x1.5554fep-5f);\n"
     "  q = fma(q, r, 0x1.555556p-3f);\n"
     "  q = fma(q, r, 0.5f);\n"
     "  const float t = fma(r * r, q, e + e * r);\n"
     "  const float s = r + t;\n"
     "  return (float2)(s, (r - s) + t);\n"
     "}\n"},
    // 1 ulp.
    {"exp", "expm1_reduced scale",
     "static float xpuq_exp(float x) {\n"
     "  const float c = fmin(fmax(x, -104.0f), 89.0f);\n"
     "  const float n = rint(c * 0x1.715476p+0f);\n"
     "  const float2 s = xpuq_expm1_reduced(c, 0.0f, n);\n"
     "  const float y = 1.0f + s.x;\n"
     "  const float e = (s.x - (y - 1.0f)) + s.y;\n"
     "  const float v = xpuq_scale(y + e, n);\n"
     "  return x != x ? x : v;\n"
     "}\n"},
    // exp(x) - 1 as hi + lo for -30 <= x <= 85.
    {"expm1_parts", "expm1_reduced scale two_sum",
     "static float2 xpuq_expm1_parts(float x) {\n"
     "  const float n = rint(x * 0x1.715476p+0f);\n"
     "  const float2 s = xpuq_expm1_reduced(x, 0.0f, n);\n"
     "  const float y = 1.0f + s.x;\n"
     "  const float e = (s.x - (y - 1.0f)) + s.y;\n"
     "  const float2 d = xpuq_two_sum(xpuq_scale(y, n), -1.0f);\n"
     "  const float l = d.y + xpuq_scale(e, n);\n"
     "  const float r = d.x + l;\n"
     "  return n == 0.0f ? s : (float2)(r, (d.x - r) + l);\n"
     "}\n"},
    // 1 ulp.
    {"expm1", "expm1_parts exp",
     "static float xpuq_expm1(float x) {\n"
     "  const float2 e = xpuq_expm1_parts(fmin(fmax(x, -30.0f), 85.0f));\n"
     "  const float v = x > 80.0f ? xpuq_exp(x) : e.x + e.y;\n"
     "  return x != x || x == 0.0f ? x : v;\n"
     "}\n"},
    // 1 ulp: expm1(2a) / (expm1(2a) + 2), the division corrected once.
    {"tanh", "expm1_parts two_sum",
     "static float xpuq_tanh(float x) {\n"
     "  const float2 e = xpuq_expm1_parts(2.0f * fmin(fabs(x), 10.0f));\n"
     "  const float2 d = xpuq_two_sum(e.x, 2.0f);\n"
     "  const float q = e.x / d.x;\n"
     "  const float r = fma(-q, d.x, e.x) + (e.y - q * (d.y + e.y));\n"
     "  const float v = copysign(q + r / d.x, x);\n"
     "  return x != x ? x : v;\n"
     "}\n"},
    // log(2^k (1 + f + low)) as hi + lo; sqrt(1/2) <= 1 + f < sqrt(2).
    {"log_reduced", "two_sum",
     "static float2 xpuq_log_reduced(float f, float low, float k) {\n"
     "  float q = -0x1.1aadfcp-4f;\n"
     "  q = fma(q, f, 0x1.c142e8p-4f);\n"
     "  q = fma(q, f, -0x1.b01eccp-4f);\n"
     "  q = fma(q, f, 0x1.c089cap-4f);\n"
     "  q = fma(q, f, -0x1.fe1b86p-4f);\n"
     "  q = fma(q, f, 0x1.24b588p-3f);\n"
     "  q = fma(q, f, -0x1.555c6ep-3f);\n"
     "  q = fma(q, f, 0x1.9998dcp-3f);\n"
     "  q = fma(q, f, -0x1.fffff2p-3f);\n"
     "  q = fma(q, f, 0x1.555556p-2f);\n"
     "  const float h = 0.5f * f, hh = h * f, hl = fma(h, f, -hh);\n"
     "  const float p = f * f * f * q;\n"
     "  const float s = f - hh, es = (f - s) - hh;\n"
     "  const float t = s + p, et = (s - t) + p;\n"
     "  const float2 sum = xpuq_two_sum(k * 0x1.62e8p-1f, t);\n"
     "  const float l = fma(k, -0x1.e8082ep-16f, (es - hl) + et + low / (1.0f + f));\n"
     "  return (float2)(sum.x, sum.y + l);\n"
     "}\n"},
    // 1 ulp.
    {"log", "log_reduced",
     "static float xpuq_log(float x) {\n"
     "  const int tiny = x < 0x1p-126f;\n"
     "  const int u = as_int(tiny ? x * 0x1p23f : x);\n"
     "  const int k = (u - 0x3f3504f4) >> 23;\n"
     "  const float2 l = xpuq_log_reduced(as_float(u - (k << 23)) - 1.0f, 0.0f, (float)(tiny ? k - 23 : k));\n"
     "  const float v = l.x + l.y;\n"
     "  if (x == 0.0f) return -INFINITY;\n"
     "  return x < 0.0f || x != x ? NAN : x == INFINITY ? x : v;\n"
     "}\n"},
    // 1 ulp.
    {"log1p", "log_reduced two_sum",
     "static float xpuq_log1p(float x) {\n"
     "  const float2 w = xpuq_two_sum(1.0f, x);\n"
     "  const int u = as_int(w.x);\n"
     "  const int k = (u - 0x3f3504f4) >> 23;\n"
     "  const float m = as_float(u - (k << 23));\n"
     "  const float low = k > 100 ? 0.0f : w.y * as_float((127 - k) << 23);\n"
     "  const float2 l = xpuq_log_reduced(m - 1.0f, low, (float)k);\n"
     "  const float v = l.x + l.y;\n"
     "  if (x == -1.0f) return -INFINITY;\n"
     "  if (x == 0.0f || x == INFINITY) return x;\n"
     "  return x < -1.0f || x != x ? NAN : v;\n"
     "}\n"},
    // 1 ulp: an odd polynomial below 1, 1 - exp(polynomial) from there.
    {"erf", "exp",
     "static float xpuq_erf(float x) {\n"
     "  const float a = fabs(x), z = x * x;\n"
     "  float p = -0x1.1fd45cp-17f;\n"
     "  p = fma(p, z, 0x1.c77348p-14f);\n"
     "  p = fma(p, z, -0x1.b99eb6p-11f);\n"
     "  p = fma(p, z, 0x1.55dcc6p-8f);\n"
     "  p = fma(p, z, -0x1.b821e6p-6f);\n"
     "  p = fma(p, z, 0x1.ce2ea0p-4f);\n"
     "  p = fma(p, z, -0x1.812744p-2f);\n"
     "  p = fma(p, z, 0x1.06eba8p-3f);\n"
     "  const float t = fmin(a, 4.0f) - 2.0f;\n"
     "  float q = 0x1.a0648ap-18f;\n"
     "  q = fma(q, t, 0x1.a3214ap-18f);\n"
     "  q = fma(q, t, -0x1.404708p-16f);\n"
     "  q = fma(q, t, -0x1.838266p-15f);\n"
     "  q = fma(q, t, 0x1.3a50cap-13f);\n"
     "  q = fma(q, t, -0x1.71a076p-11f);\n"
     "  q = fma(q, t, 0x1.d4603cp-9f);\n"
     "  q = fma(q, t, -0x1.0de506p-6f);\n"
     "  q = fma(q, t, -0x1.d8f630p-1f);\n"
     "  q = fma(q, t, -0x1.1ac324p+2f);\n"
     "  q = fma(q, t, -0x1.575b32p+2f);\n"
     "  const float v = a < 1.0f ? fma(a, p, a) : 1.0f - (a < 3.95f ? xpuq_exp(q) : 0.0f);\n"
     "  return x != x ? x : copysign(v, x);\n"
     "}\n"},
};

// Functions that networks rarely have.
constexpr Piece kRare[] = {
    {"two_over_pi", "",
     "static uint xpuq_two_over_pi(int i) {\n"
     "  return i == 1 ? 0xA2F9836Eu : i == 2 ? 0x4E441529u : i == 3 ? 0xFC2757D1u : i == 4 ? 0xF534DDC0u\n"
     "       : i == 5 ? 0xDB629599u : i == 6 ? 0x3C439041u : i == 7 ? 0xFE5163ABu : 0u;\n"
     "}\n"},
    // |x| = quadrant * pi/2 + r: (r hi, r lo, quadrant, 0). Below 2^16 by a pi of three parts, from there by the bits of
    // 2/pi that matter (M. Payne and R. Hanek, 1983).
    {"quadrant", "two_sum two_product two_over_pi",
     "static float4 xpuq_quadrant(float x) {\n"
     "  const float a = fabs(x);\n"
     "  if (a < 0x1p16f) {\n"
     "    const float k = rint(a * 0x1.45f306p-1f);\n"
     "    const float h = fma(-k, 0x1.921fb6p+0f, a);\n"
     "    const float2 p = xpuq_two_product(k, -0x1.777a5cp-25f);\n"
     "    const float2 s = xpuq_two_sum(h, -p.x);\n"
     "    const float l = (s.y - p.y) + k * 0x1.ee59dap-50f;\n"
     "    const float r = s.x + l;\n"
     "    return (float4)(r, (s.x - r) + l, (float)((int)k & 3), 0.0f);\n"
     "  }\n"
     "  const uint u = as_uint(a);\n"
     "  const int t = (int)(u >> 23) - 150 + 30;\n"
     "  const ulong m = (u & 0x7FFFFFu) | 0x800000u;\n"
     "  const int i = t >> 5, s = t & 31;\n"
     "  const ulong w0 = xpuq_two_over_pi(i), w1 = xpuq_two_over_pi(i + 1), w2 = xpuq_two_over_pi(i + 2);\n"
     "  const ulong w3 = xpuq_two_over_pi(i + 3);\n"
     "  const ulong high = (((w0 << 32 | w1) << s) >> 32) & 0xFFFFFFFFul;\n"
     "  const ulong middle = (((w1 << 32 | w2) << s) >> 32) & 0xFFFFFFFFul;\n"
     "  const ulong low = (((w2 << 32 | w3) << s) >> 32) & 0xFFFFFFFFul;\n"
     "  const ulong c = m * low, b = m * middle + (c >> 32), d = m * high + (b >> 32);\n"
     "  const ulong top = d << 32 | (b & 0xFFFFFFFFul);\n"
     "  const long fraction = (long)(top << 2 | (c & 0xFFFFFFFFul) >> 30);\n"
     "  const int q = (int)(top >> 62) + (fraction < 0 ? 1 : 0);\n"
     "  const float fh = (float)(fraction >> 40) * 0x1p-24f, fl = (float)(fraction & 0xFFFFFFFFFFl) * 0x1p-64f;\n"
     "  const float2 f = xpuq_two_sum(fh, fl);\n"
     "  const float2 r = xpuq_two_product(f.x, 0x1.921fb6p+0f);\n"
     "  const float l = r.y + fma(f.y, 0x1.921fb6p+0f, f.x * -0x1.777a5cp-25f);\n"
     "  const float h = r.x + l;\n"
     "  return (float4)(h, (r.x - h) + l, (float)(q & 3), 0.0f);\n"
     "}\n"},
    {"sin_parts", "",
     "static float2 xpuq_sin_parts(float r, float low) {\n"
     "  const float z = r * r;\n"
     "  float q = 0x1.863874p-19f;\n"
     "  q = fma(q, z, -0x1.a07f9cp-13f);\n"
     "  q = fma(q, z, 0x1.111196p-7f);\n"
     "  q = fma(q, z, -0x1.555556p-3f);\n"
     "  const float t = fma(r * z, q, low - 0.5f * low * z);\n"
     "  const float s = r + t;\n"
     "  return (float2)(s, (r - s) + t);\n"
     "}\n"},
    {"cos_parts", "",
     "static float2 xpuq_cos_parts(float r, float low) {\n"
     "  const float z = r * r, zl = fma(r, r, -z);\n"
     "  float q = -0x1.566d5ap-22f;\n"
     "  q = fma(q, z, 0x1.a0eeb8p-16f);\n"
     "  q = fma(q, z, -0x1.6c17d0p-10f);\n"
     "  q = fma(q, z, 0x1.555556p-5f);\n"
     "  const float h = 0.5f * z, w = 1.0f - h;\n"
     "  const float t = ((1.0f - w) - h) + fma(z * z, q, -fma(r, low, 0.5f * zl));\n"
     "  const float s = w + t;\n"
     "  return (float2)(s, (w - s) + t);\n"
     "}\n"},
    // 1 ulp each.
    {"sin", "quadrant sin_parts cos_parts",
     "static float xpuq_sin(float x) {\n"
     "  const float4 k = xpuq_quadrant(x);\n"
     "  const int q = (int)k.z;\n"
     "  const float2 v = q & 1 ? xpuq_cos_parts(k.x, k.y) : xpuq_sin_parts(k.x, k.y);\n"
     "  const float y = v.x + v.y, z = q & 2 ? -y : y;\n"
     "  return x - x != 0.0f ? NAN : x == 0.0f ? x : x < 0.0f ? -z : z;\n"
     "}\n"},
    {"cos", "quadrant sin_parts cos_parts",
     "static float xpuq_cos(float x) {\n"
     "  const float4 k = xpuq_quadrant(x);\n"
     "  const int q = (int)k.z;\n"
     "  const float2 v = q & 1 ? xpuq_sin_parts(k.x, k.y) : xpuq_cos_parts(k.x, k.y);\n"
     "  const float y = v.x + v.y;\n"
     "  return x - x != 0.0f ? NAN : q == 1 || q == 2 ? -y : y;\n"
     "}\n"},
    // a / b of two-part numbers, rounded about once.
    {"quotient", "",
     "static float xpuq_quotient(float2 a, float2 b) {\n"
     "  const float q = a.x / b.x;\n"
     "  const float r = fma(-q, b.x, a.x) + (a.y - q * b.y);\n"
     "  return q + r / b.x;\n"
     "}\n"},
    // 1 ulp.
    {"tan", "quadrant sin_parts cos_parts quotient",
     "static float xpuq_tan(float x) {\n"
     "  const float4 k = xpuq_quadrant(x);\n"
     "  const int odd = (int)k.z & 1;\n"
     "  const float2 s = xpuq_sin_parts(k.x, k.y), c = xpuq_cos_parts(k.x, k.y);\n"
     "  const float y = xpuq_quotient(odd ? -c : s, odd ? s : c);\n"
     "  return x - x != 0.0f ? NAN : x == 0.0f ? x : x < 0.0f ? -y : y;\n"
     "}\n"},
    // (asin(x) - x) for |x| <= 1/2.
    {"asin_rest", "",
     "static float xpuq_asin_rest(float x) {\n"
     "  const float z = x * x;\n"
     "  float q = 0x1.1a24f6p-5f;\n"
     "  q = fma(q, z, 0x1.10aeaep-6f);\n"
     "  q = fma(q, z, 0x1.ff93c2p-6f);\n"
     "  q = fma(q, z, 0x1.6d403ap-5f);\n"
     "  q = fma(q, z, 0x1.3334c8p-4f);\n"
     "  q = fma(q, z, 0x1.555554p-3f);\n"
     "  return x * z * q;\n"
     "}\n"},
    // asin(sqrt((1 - a) / 2)) as hi + lo for 1/2 <= a <= 1.
    {"asin_of_half", "asin_rest",
     "static float2 xpuq_asin_of_half(float a) {\n"
     "  const float z = (1.0f - a) * 0.5f, s = sqrt(z);\n"
     "  const float e = s == 0.0f ? 0.0f : fma(-s, s, z) / (2.0f * s);\n"
     "  return (float2)(s, xpuq_asin_rest(s) + e);\n"
     "}\n"},
    // 2 ulp each.
    {"asin", "asin_of_half",
     "static float xpuq_asin(float x) {\n"
     "  const float a = fabs(x);\n"
     "  const float2 h = xpuq_asin_of_half(fmin(a, 1.0f));\n"
     "  const float v = a < 0.5f ? a + xpuq_asin_rest(a)\n"
     "                           : (0x1.921fb6p+0f - 2.0f * h.x) - (2.0f * h.y + 0x1.777a5cp-25f);\n"
     "  return a > 1.0f || x != x ? NAN : copysign(v, x);\n"
     "}\n"},
    {"acos", "asin_of_half",
     "static float xpuq_acos(float x) {\n"
     "  const float a = fabs(x);\n"
     "  const float2 h = xpuq_asin_of_half(fmin(a, 1.0f));\n"
     "  const float far = 2.0f * (h.x + h.y);\n"
     "  const float near = 0x1.921fb6p+0f - (x + (xpuq_asin_rest(x) + 0x1.777a5cp-25f));\n"
     "  const float v = a < 0.5f ? near : x > 0.0f ? far : (0x1.921fb6p+1f - 2.0f * h.x) - (2.0f * h.y + 0x1.777a5cp-24f);\n"
     "  return a > 1.0f || x != x ? NAN : v;\n"
     "}\n"},
    // 2 ulp: about 0, about 1 and about infinity.
    {"atan", "",
     "static float xpuq_atan(float x) {\n"
     "  const float a = fabs(x);\n"
     "  const int far = a > 0x1.3504f4p+1f, middle = a > 0x1.a8279ap-2f;\n"
     "  const float n = far ? -1.0f : middle ? a - 1.0f : a;\n"
     "  const float d = far ? a : middle ? a + 1.0f : 1.0f;\n"
     "  const float t = n / d, e = far && a > 0x1p60f ? 0.0f : fma(-t, d, n) / d;\n"
     "  const float z = t * t;\n"
     "  float q = 0x1.d408fcp-5f;\n"
     "  q = fma(q, z, -0x1.6e1beep-4f);\n"
     "  q = fma(q, z, 0x1.c7aef4p-4f);\n"
     "  q = fma(q, z, -0x1.249f30p-3f);\n"
     "  q = fma(q, z, 0x1.999a20p-3f);\n"
     "  q = fma(q, z, -0x1.555556p-2f);\n"
     "  const float r = fma(t * z, q, e);\n"
     "  const float high = far ? 0x1.921fb6p+0f : middle ? 0x1.921fb6p-1f : 0.0f;\n"
     "  const float low = far ? -0x1.777a5cp-25f : middle ? -0x1.777a5cp-26f : 0.0f;\n"
     "  const float v = high == 0.0f ? t + r : high + (t + (r + low));\n"
     "  return x != x ? x : copysign(v, x);\n"
     "}\n"},
    // 3 ulp: (E + E / (E + 1)) / 2 with E = exp(a) - 1.
    {"sinh", "expm1_parts exp",
     "static float xpuq_sinh(float x) {\n"
     "  const float a = fabs(x);\n"
     "  const float2 p = xpuq_expm1_parts(fmin(a, 85.0f));\n"
     "  const float e = p.x + p.y, w = xpuq_exp(0.5f * a);\n"
     "  const float v = a > 80.0f ? (0.5f * w) * w : 0.5f * (e + e / (e + 1.0f));\n"
     "  return x != x ? x : copysign(v, x);\n"
     "}\n"},
    {"cosh", "exp",
     "static float xpuq_cosh(float x) {\n"
     "  const float a = fabs(x), e = xpuq_exp(fmin(a, 80.0f)), w = xpuq_exp(0.5f * a);\n"
     "  const float v = a > 80.0f ? (0.5f * w) * w : 0.5f * e + 0.5f / e;\n"
     "  return x != x ? x : v;\n"
     "}\n"},
    // 4 ulp each.
    {"asinh", "log log1p",
     "static float xpuq_asinh(float x) {\n"
     "  const float a = fabs(x), b = fmin(a, 4096.0f), s = b * b;\n"
     "  const float v = a > 4096.0f ? xpuq_log(a) + 0x1.62e43p-1f : xpuq_log1p(b + s / (1.0f + sqrt(s + 1.0f)));\n"
     "  return x != x ? x : copysign(v, x);\n"
     "}\n"},
    {"acosh", "log log1p",
     "static float xpuq_acosh(float x) {\n"
     "  const float t = fmin(x, 4096.0f) - 1.0f;\n"
     "  const float v = x > 4096.0f ? xpuq_log(x) + 0x1.62e43p-1f : xpuq_log1p(t + sqrt(2.0f * t + t * t));\n"
     "  return x < 1.0f || x != x ? NAN : v;\n"
     "}\n"},
    {"atanh", "log1p",
     "static float xpuq_atanh(float x) {\n"
     "  const float a = fabs(x);\n"
     "  const float v = a == 1.0f ? INFINITY : 0.5f * xpuq_log1p((a + a) / (1.0f - a));\n"
     "  return a > 1.0f || x != x ? NAN : copysign(a < 0x1p-13f ? a : v, x);\n"
     "}\n"},
    // log(x) to about 2^-34, x normal: 2 artanh(f / (2 + f)) + k log 2.
    {"log_long", "two_sum two_product",
     "static float2 xpuq_log_long(float x) {\n"
     "  const int tiny = x < 0x1p-126f;\n"
     "  const int u = as_int(tiny ? x * 0x1p23f : x);\n"
     "  const int k = (u - 0x3f3504f4) >> 23;\n"
     "  const float n = (float)(tiny ? k - 23 : k);\n"
     "  const float f = as_float(u - (k << 23)) - 1.0f;\n"
     "  const float2 d = xpuq_two_sum(2.0f, f);\n"
     "  const float s = f / d.x, sl = (fma(-s, d.x, f) - s * d.y) / d.x;\n"
     "  const float2 z = xpuq_two_product(s, s);\n"
     "  const float zl = z.y + 2.0f * s * sl;\n"
     "  float q = 0x1.3b13b2p-4f;\n"
     "  q = fma(q, z.x, 0x1.745d18p-4f);\n"
     "  q = fma(q, z.x, 0x1.c71c72p-4f);\n"
     "  q = fma(q, z.x, 0x1.24924ap-3f);\n"
     "  q = fma(q, z.x, 0x1.99999ap-3f);\n"
     "  const float2 t = xpuq_two_product(z.x, 0x1.555556p-2f);\n"
     "  const float tl = t.y + (zl * 0x1.555556p-2f - z.x * 0x1.555556p-27f) + z.x * z.x * q;\n"
     "  const float2 w = xpuq_two_product(s, t.x);\n"
     "  const float wl = w.y + s * tl + sl * t.x;\n"
     "  const float2 a = xpuq_two_sum(s, w.x);\n"
     "  const float al = a.y + wl + sl;\n"
     "  const float2 b = xpuq_two_sum(n * 0x1.62e8p-1f, 2.0f * a.x);\n"
     "  const float2 c = xpuq_two_product(n, -0x1.e8082ep-16f);\n"
     "  const float2 e = xpuq_two_sum(b.x, c.x);\n"
     "  const float l = e.y + b.y + c.y + 2.0f * al + n * -0x1.8432a2p-43f;\n"
     "  const float r = e.x + l;\n"
     "  return (float2)(r, (e.x - r) + l);\n"
     "}\n"},
    // 2 ulp; special cases as C's pow.
    {"pow", "log_long expm1_reduced scale two_product",
     "static float xpuq_pow(float x, float y) {\n"
     "  if (y == 0.0f || x == 1.0f) return 1.0f;\n"
     "  if (x != x || y != y) return NAN;\n"
     "  const float a = fabs(x);\n"
     "  const int whole = trunc(y) == y;\n"
     "  const int odd = whole && fabs(y) < 0x1p24f && ((int)y & 1) != 0;\n"
     "  const float sign = odd && as_int(x) < 0 ? -1.0f : 1.0f;\n"
     "  if (a == 0.0f) return sign * (y < 0.0f ? INFINITY : 0.0f);\n"
     "  if (a == INFINITY) return sign * (y < 0.0f ? 0.0f : INFINITY);\n"
     "  if (a == 1.0f && (whole || fabs(y) == INFINITY)) return sign;\n"
     "  if (fabs(y) == INFINITY) return (a > 1.0f) == (y > 0.0f) ? INFINITY : 0.0f;\n"
     "  if (x < 0.0f && !whole) return NAN;\n"
     "  const float2 l = xpuq_log_long(a);\n"
     "  const float c = fmin(fmax(y, -0x1p40f), 0x1p40f);\n"
     "  const float2 p = xpuq_two_product(c, l.x);\n"
     "  const float pl = fma(c, l.y, p.y);\n"
     "  if (p.x > 89.0f) return sign * INFINITY;\n"
     "  if (p.x < -104.0f) return sign * 0.0f;\n"
     "  const float n = rint(p.x * 0x1.715476p+0f);\n"
     "  const float2 s = xpuq_expm1_reduced(p.x, pl, n);\n"
     "  const float v = 1.0f + s.x;\n"
     "  return sign * xpuq_scale(v + ((s.x - (v - 1.0f)) + s.y), n);\n"
     "}\n"},
};

}  // namespace

std::span<const Piece> math_pieces() { return kPieces; }
std::span<const Piece> rare_math_pieces() { return kRare; }

}  // namespace xpuq::opencl
