// Post-ops on eight floats. Everything but exp, erf and tanh is exactly what the scalar form computes. minps and maxps
// return their second operand when one is NaN: the value always stands there, so that NaN stays NaN.
#pragma once

#include "runtime/cpu/epilogue.h"
#include "runtime/cpu/isa.h"

#if XPUQ_X86
#include <immintrin.h>

namespace xpuq::cpu {

/// e^v within 2 ulp: v = n ln 2 + r with |r| <= ln 2 / 2, a polynomial of degree 6 for e^r, then 2^n in the exponent.
XPUQ_AVX2_INLINE __m256 exp8(__m256 v) {
  v = _mm256_min_ps(_mm256_set1_ps(88.3f), _mm256_max_ps(_mm256_set1_ps(-87.3f), v));
  const __m256 n = _mm256_round_ps(_mm256_mul_ps(v, _mm256_set1_ps(1.44269504088896341f)),
                                   _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693359375f), v);
  r = _mm256_fnmadd_ps(n, _mm256_set1_ps(-2.12194440e-4f), r);
  __m256 y = _mm256_set1_ps(1.9875691500e-4f);
  y = _mm256_fmadd_ps(y, r, _mm256_set1_ps(1.3981999507e-3f));
  y = _mm256_fmadd_ps(y, r, _mm256_set1_ps(8.3334519073e-3f));
  y = _mm256_fmadd_ps(y, r, _mm256_set1_ps(4.1665795894e-2f));
  y = _mm256_fmadd_ps(y, r, _mm256_set1_ps(1.6666665459e-1f));
  y = _mm256_fmadd_ps(y, r, _mm256_set1_ps(5.0000001201e-1f));
  y = _mm256_fmadd_ps(y, _mm256_mul_ps(r, r), _mm256_add_ps(r, _mm256_set1_ps(1.0f)));
  const __m256i power = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
  return _mm256_mul_ps(y, _mm256_castsi256_ps(power));
}

XPUQ_AVX2_INLINE __m256 sigmoid8(__m256 v) {
  const __m256 one = _mm256_set1_ps(1.0f);
  return _mm256_div_ps(one, _mm256_add_ps(one, exp8(_mm256_sub_ps(_mm256_setzero_ps(), v))));
}

/// tanh as 2 sigmoid(2v) - 1: absolute error below 2e-7, enough before a quantization to 256 steps.
XPUQ_AVX2_INLINE __m256 tanh8(__m256 v) {
  return _mm256_fmsub_ps(_mm256_set1_ps(2.0f), sigmoid8(_mm256_add_ps(v, v)), _mm256_set1_ps(1.0f));
}

/// Abramowitz and Stegun 7.1.26: absolute error below 2e-7.
XPUQ_AVX2_INLINE __m256 erf8(__m256 v) {
  const __m256 sign_bit = _mm256_set1_ps(-0.0f), one = _mm256_set1_ps(1.0f);
  const __m256 a = _mm256_andnot_ps(sign_bit, v);
  const __m256 t = _mm256_div_ps(one, _mm256_fmadd_ps(_mm256_set1_ps(0.3275911f), a, one));
  __m256 y = _mm256_set1_ps(1.061405429f);
  y = _mm256_fmadd_ps(y, t, _mm256_set1_ps(-1.453152027f));
  y = _mm256_fmadd_ps(y, t, _mm256_set1_ps(1.421413741f));
  y = _mm256_fmadd_ps(y, t, _mm256_set1_ps(-0.284496736f));
  y = _mm256_fmadd_ps(y, t, _mm256_set1_ps(0.254829592f));
  const __m256 tail = _mm256_mul_ps(_mm256_mul_ps(y, t), exp8(_mm256_sub_ps(_mm256_setzero_ps(), _mm256_mul_ps(a, a))));
  return _mm256_or_ps(_mm256_sub_ps(one, tail), _mm256_and_ps(sign_bit, v));
}

XPUQ_AVX2_INLINE __m256 clamp8(__m256 v, float low, float high) {
  return _mm256_min_ps(_mm256_set1_ps(high), _mm256_max_ps(_mm256_set1_ps(low), v));
}

XPUQ_AVX2_INLINE __m256 apply_op(const EpilogueOp& op, __m256 v) {
  using Kind = EpilogueOp::Kind;
  const __m256 half = _mm256_set1_ps(0.5f), one = _mm256_set1_ps(1.0f);
  switch (op.kind) {
    case Kind::sum: return v;
    case Kind::relu: return _mm256_max_ps(_mm256_setzero_ps(), v);
    case Kind::clip: return clamp8(v, op.alpha, op.beta);
    case Kind::hardswish:
      return _mm256_div_ps(_mm256_mul_ps(v, clamp8(_mm256_add_ps(v, _mm256_set1_ps(3.0f)), 0.0f, 6.0f)),
                           _mm256_set1_ps(6.0f));
    case Kind::silu: return _mm256_div_ps(v, _mm256_add_ps(one, exp8(_mm256_sub_ps(_mm256_setzero_ps(), v))));
    case Kind::gelu_erf:
      return _mm256_mul_ps(_mm256_mul_ps(half, v),
                           _mm256_add_ps(one, erf8(_mm256_mul_ps(v, _mm256_set1_ps(0.70710678118654752f)))));
    case Kind::gelu_tanh: {
      const __m256 cube = _mm256_mul_ps(_mm256_mul_ps(v, v), v);
      const __m256 inner = _mm256_fmadd_ps(_mm256_set1_ps(0.044715f), cube, v);
      return _mm256_mul_ps(_mm256_mul_ps(half, v),
                           _mm256_add_ps(one, tanh8(_mm256_mul_ps(inner, _mm256_set1_ps(0.79788456080286536f)))));
    }
    case Kind::hardsigmoid:
      return clamp8(_mm256_add_ps(_mm256_mul_ps(v, _mm256_set1_ps(op.alpha)), _mm256_set1_ps(op.beta)), 0.0f, 1.0f);
    case Kind::sigmoid: return sigmoid8(v);
    case Kind::tanh: return tanh8(v);
    case Kind::leaky_relu:
      return _mm256_blendv_ps(v, _mm256_mul_ps(_mm256_set1_ps(op.alpha), v),
                              _mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_LT_OQ));
  }
  return v;
}

}  // namespace xpuq::cpu
#endif
