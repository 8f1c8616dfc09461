// Written once in the compiler's vectors of 256 bits, compiled for AVX2 and for the baseline.
#include "runtime/cpu/int8_winograd.h"

#include "runtime/cpu/isa.h"
#include "support/check.h"

namespace xpuq::cpu {
namespace {

// Unsigned, because sums may wrap on the way.
using Words = std::uint16_t __attribute__((vector_size(32)));
using Sums = std::uint32_t __attribute__((vector_size(32)));
using SignedSums = std::int32_t __attribute__((vector_size(32)));
constexpr int kWords = 16, kSums = 8, kBlock = 16;

/// In memory, at any address.
template <class Vector>
struct Unaligned {
  Vector value;
} __attribute__((packed, may_alias));
template <class Vector, class T>
XPUQ_INLINE void load(const T* at, Vector& value) {
  value = reinterpret_cast<const Unaligned<Vector>*>(at)->value;
}
template <class Vector, class T>
XPUQ_INLINE void store(T* at, const Vector& value) {
  reinterpret_cast<Unaligned<Vector>*>(at)->value = value;
}

/// F(2x2, 3x3): points 0, 1, -1. S = 2, S' = 1.
struct F2 {
  static constexpr int kOutputs = 2, kSize = 4;
  static constexpr std::uint32_t kInverse = 1;
  static constexpr int kShift = 2;

  static XPUQ_INLINE void weights(const Words* g, Words* u) {
    u[0] = g[0] << 1;
    u[1] = g[0] + g[1] + g[2];
    u[2] = g[0] - g[1] + g[2];
    u[3] = g[2] << 1;
  }
  static XPUQ_INLINE void input(const Words* d, Words* t) {
    t[0] = d[0] - d[2];
    t[1] = d[1] + d[2];
    t[2] = d[2] - d[1];
    t[3] = d[1] - d[3];
  }
  static XPUQ_INLINE void output(const Sums* m, Sums* y) {
    y[0] = m[0] + m[1] + m[2];
    y[1] = m[1] - m[2] - m[3];
  }
};

/// F(4x4, 3x3): points 0, 1, -1, 2, -2. S = diag(4, 6, 6, 24, 24, 1), S' = diag(6, 4, 4, 1, 1, 24).
struct F4 {
  static constexpr int kOutputs = 4, kSize = 6;
  static constexpr std::uint32_t kInverse = 0x38e38e39;  // of 9 modulo 2^32
  static constexpr int kShift = 6;

  static XPUQ_INLINE void weights(const Words* g, Words* u) {
    const Words even = g[0] + (g[2] << 2);
    u[0] = g[0];
    u[1] = -(g[0] + g[1] + g[2]);
    u[2] = g[1] - g[0] - g[2];
    u[3] = even + (g[1] << 1);
    u[4] = even - (g[1] << 1);
    u[5] = g[2];
  }
  static XPUQ_INLINE void input(const Words* d, Words* t) {
    const Words a = d[4] - (d[2] << 2), b = d[3] - (d[1] << 2);
    const Words c = d[4] - d[2], e = (d[3] - d[1]) << 1;
    t[0] = ((d[0] - d[2]) << 2) + c;
    t[1] = a + b;
    t[2] = a - b;
    t[3] = c + e;
    t[4] = c - e;
    t[5] = ((d[1] - d[3]) << 2) + d[5] - d[3];
  }
  static XPUQ_INLINE void output(const Sums* m, Sums* y) {
    const Sums p = m[1] + m[2], q = m[1] - m[2], r = m[3] + m[4], s = (m[3] - m[4]) << 1;
    y[0] = ((m[0] + p) << 2) + (m[0] << 1) + r;
    y[1] = (q << 2) + s;
    y[2] = (p + r) << 2;
    y[3] = (q + s + (m[5] << 2) + (m[5] << 1)) << 2;
  }
};

template <class F>
XPUQ_INLINE void transform_weights(const std::int16_t* taps, std::int16_t* u, std::int64_t plane) {
  for (int half = 0; half < 2 * kWords; half += kWords) {
    Words rows[F::kSize][3], g[3], result[F::kSize];
    for (int x = 0; x < 3; ++x) {
      for (int y = 0; y < 3; ++y) load(taps + (y * 3 + x) * 2 * kWords + half, g[y]);
      F::weights(g, result);
      for (int y = 0; y < F::kSize; ++y) rows[y][x] = result[y];
    }
    for (int y = 0; y < F::kSize; ++y) {
      F::weights(rows[y], result);
      for (int x = 0; x < F::kSize; ++x) store(u + (y * F::kSize + x) * plane + half, result[x]);
    }
  }
}

template <class F>
XPUQ_INLINE void transform_input(const std::int16_t* frame, std::int64_t row_stride, std::int64_t pixel_stride,
                                 std::int64_t channels, std::int16_t* v, std::int64_t plane) {
  constexpr int n = F::kSize;
  for (std::int64_t c = 0; c < channels; c += kWords) {
    Words rows[n][n], line[n], result[n];
    for (int x = 0; x < n; ++x) {
      for (int y = 0; y < n; ++y) load(frame + y * row_stride + x * pixel_stride + c, line[y]);
      F::input(line, result);
      for (int y = 0; y < n; ++y) rows[y][x] = result[y];
    }
    for (int y = 0; y < n; ++y) {
      F::input(rows[y], result);
      for (int x = 0; x < n; ++x) store(v + (y * n + x) * plane + c, result[x]);
    }
  }
}

template <class F>
XPUQ_INLINE void transform_output(const std::int32_t* m, std::int64_t plane, std::int32_t* sums,
                                  std::int64_t row_stride, bool add) {
  constexpr int n = F::kSize, outputs = F::kOutputs;
  for (int half = 0; half < kBlock; half += kSums) {
    Sums rows[outputs][n], line[n], result[outputs];
    for (int x = 0; x < n; ++x) {
      for (int y = 0; y < n; ++y) load(m + (y * n + x) * plane + half, line[y]);
      F::output(line, result);
      for (int y = 0; y < outputs; ++y) rows[y][x] = result[y];
    }
    for (int y = 0; y < outputs; ++y) {
      F::output(rows[y], result);
      for (int x = 0; x < outputs; ++x) {
        std::int32_t* at = sums + y * row_stride + x * kBlock + half;
        SignedSums sum = reinterpret_cast<SignedSums>(result[x] * F::kInverse) >> F::kShift;
        if (add) {
          SignedSums before;
          load(at, before);
          sum += before;
        }
        store(at, sum);
      }
    }
  }
}

template <class F>
void weights_baseline(const std::int16_t* taps, std::int16_t* u, std::int64_t plane) {
  transform_weights<F>(taps, u, plane);
}
template <class F>
void input_baseline(const std::int16_t* frame, std::int64_t row_stride, std::int64_t pixel_stride,
                    std::int64_t channels, std::int16_t* v, std::int64_t plane) {
  transform_input<F>(frame, row_stride, pixel_stride, channels, v, plane);
}
template <class F>
void output_baseline(const std::int32_t* m, std::int64_t plane, std::int32_t* sums, std::int64_t row_stride, bool add) {
  transform_output<F>(m, plane, sums, row_stride, add);
}

#if XPUQ_X86
template <class F>
XPUQ_AVX2 void weights_avx2(const std::int16_t* taps, std::int16_t* u, std::int64_t plane) {
  transform_weights<F>(taps, u, plane);
}
template <class F>
XPUQ_AVX2 void input_avx2(const std::int16_t* frame, std::int64_t row_stride, std::int64_t pixel_stride,
                          std::int64_t channels, std::int16_t* v, std::int64_t plane) {
  transform_input<F>(frame, row_stride, pixel_stride, channels, v, plane);
}
template <class F>
XPUQ_AVX2 void output_avx2(const std::int32_t* m, std::int64_t plane, std::int32_t* sums, std::int64_t row_stride,
                           bool add) {
  transform_output<F>(m, plane, sums, row_stride, add);
}
#endif

template <class F>
WinogradForm make_form() {
  // |y| <= 255 times the sum of |weight|, and y is known modulo 2^(32 - shift).
  WinogradForm form{F::kOutputs, F::kSize, (std::int64_t{1} << (31 - F::kShift)) / 256, weights_baseline<F>,
                    input_baseline<F>, output_baseline<F>};
#if XPUQ_X86
  if (has_avx2()) {
    form.weights = weights_avx2<F>;
    form.input = input_avx2<F>;
    form.output = output_avx2<F>;
  }
#endif
  return form;
}

}  // namespace

const WinogradForm& winograd_form(int outputs) {
  static const WinogradForm two = make_form<F2>(), four = make_form<F4>();
  XPUQ_CHECK(outputs == 2 || outputs == 4, "these forms exist");
  return outputs == 2 ? two : four;
}

}  // namespace xpuq::cpu
