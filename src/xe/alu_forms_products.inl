// Products of bytes: dp4a and dpas. Included by alu_forms_avx2.cpp.

/// Bytes 0 and 2 of each 32 bits as 16-bit numbers, and bytes 1 and 3: products of such are exact, and pairs add up in 32
/// bits. (vpmaddubsw would saturate.)
template <bool Signed>
ALWAYS_INLINE __m256i even_bytes(__m256i v) {
  return Signed ? _mm256_srai_epi16(_mm256_slli_epi16(v, 8), 8) : _mm256_and_si256(v, _mm256_set1_epi16(0xff));
}
template <bool Signed>
ALWAYS_INLINE __m256i odd_bytes(__m256i v) {
  return Signed ? _mm256_srai_epi16(v, 8) : _mm256_srli_epi16(v, 8);
}
ALWAYS_INLINE __m256i load_words(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
ALWAYS_INLINE __m256i all_words(const void* p) {
  std::int32_t x;
  std::memcpy(&x, p, 4);
  return _mm256_set1_epi32(x);
}

/// N channels: first source plus four products; the third source may be one for all channels.
template <int N, bool A, bool B, bool Scalar>
void dot_bytes(Thread& t, const Step& s) {
  if (some_off(t, s)) return s.general(t, s);
  const std::uint8_t *sum = place(t, s.source[0]), *p = place(t, s.source[1]), *q = place(t, s.source[2]);
  __m256i out[N / 8];
  for (int k = 0; k < N / 8; ++k) {
    const __m256i a = load_words(p + 32 * k), b = Scalar ? all_words(q) : load_words(q + 32 * k);
    const __m256i products = _mm256_add_epi32(_mm256_madd_epi16(even_bytes<A>(a), even_bytes<B>(b)), _mm256_madd_epi16(odd_bytes<A>(a), odd_bytes<B>(b)));
    out[k] = _mm256_add_epi32(load_words(sum + 32 * k), products);
  }
  for (int k = 0; k < N / 8; ++k) _mm256_storeu_si256(reinterpret_cast<__m256i*>(place(t, s) + 32 * k), out[k]);
}

Run dot_form(const Step& s) {
  const Source &sum = s.source[0], &a = s.source[1], &b = s.source[2];
  const auto words = [](const Source& x) { return size_of(x.type) == 4 && !x.negate && !x.fixed; };
  if (s.domain != Domain::int32 || !words(sum) || !words(a) || !words(b) || sum.shape != Shape::flat || a.shape != Shape::flat) return nullptr;
  if (b.shape != Shape::flat && !is_scalar(b)) return nullptr;
  if ((s.channels != 8 && s.channels != 16) || !s.destination.flat || size_of(s.destination.type) != 4) return nullptr;
  return by_truth(s.channels == 16, [&](auto two) {
    return by_truth(is_signed(a.type), [&](auto first) {
      return by_truth(is_signed(b.type), [&](auto second) {
        return by_truth(is_scalar(b), [&](auto scalar) { return Run{dot_bytes<decltype(two)::value ? 16 : 8, decltype(first)::value, decltype(second)::value, decltype(scalar)::value>}; });
      });
    });
  });
}

/// Depth 8, bytes, 32-bit sums. Weights stay in registers, half the depth at a time.
template <int N, bool A, bool B>
void systolic_bytes(Thread& t, const Step& s) {
  constexpr int kDepth = 8, kHalf = 4;
  const int rows = s.repeat;
  const std::uint8_t *w = t.r + s.source[1].base, *x = t.r + s.source[2].base, *from = t.r + s.source[0].base;
  alignas(32) std::int32_t even[8][kDepth], odd[8][kDepth], sum[8][N];
  for (int r = 0; r < rows; ++r) {
    const __m256i v = load_words(x + 32 * r);
    _mm256_store_si256(reinterpret_cast<__m256i*>(even[r]), even_bytes<B>(v));
    _mm256_store_si256(reinterpret_cast<__m256i*>(odd[r]), odd_bytes<B>(v));
  }
  if (s.source[0].type == Type::none) std::memset(sum, 0, static_cast<std::size_t>(4 * N * rows));
  else std::memcpy(sum, from, static_cast<std::size_t>(4 * N * rows));
  for (int k = 0; k < N / 8; ++k) {
    for (int first = 0; first < kDepth; first += kHalf) {
      __m256i w_even[kHalf], w_odd[kHalf];
      for (int d = 0; d < kHalf; ++d) {
        const __m256i v = load_words(w + ((first + d) * N + 8 * k) * 4);
        w_even[d] = even_bytes<A>(v);
        w_odd[d] = odd_bytes<A>(v);
      }
      for (int r = 0; r < rows; ++r) {
        __m256i *place_of_sum = reinterpret_cast<__m256i*>(sum[r] + 8 * k), first_sum = *place_of_sum, second_sum = _mm256_setzero_si256();
        for (int d = 0; d < kHalf; ++d) {
          first_sum = _mm256_add_epi32(first_sum, _mm256_madd_epi16(w_even[d], _mm256_set1_epi32(even[r][first + d])));
          second_sum = _mm256_add_epi32(second_sum, _mm256_madd_epi16(w_odd[d], _mm256_set1_epi32(odd[r][first + d])));
        }
        *place_of_sum = _mm256_add_epi32(first_sum, second_sum);
      }
    }
  }
  std::memcpy(t.r + s.destination.base, sum, static_cast<std::size_t>(4 * N * rows));
}

Run systolic_form(const Step& s) {
  const Source &w = s.source[1], &x = s.source[2];
  if (s.saturate || s.depth != 8 || s.repeat < 1 || s.repeat > 8 || bits_of(w.type) != 8 || bits_of(x.type) != 8 || is_float(w.type) || is_float(x.type)) return nullptr;
  return by_truth(s.channels == 16, [&](auto wide) {
    return by_truth(is_signed(w.type), [&](auto a) {
      return by_truth(is_signed(x.type), [&](auto b) { return Run{systolic_bytes<decltype(wide)::value ? 16 : 8, decltype(a)::value, decltype(b)::value>}; });
    });
  });
}
