// Reading and writing operands for N channels at once. Included by alu_plain.cpp and alu_avx2.cpp, inside a namespace
// of their own and under their compiler options.

template <int N, class E, class V>
ALWAYS_INLINE void load_elements(const Thread& t, const Source& s, V* v) {
  const std::uint8_t* p = s.fixed ? s.fixed : t.r + s.base;
  switch (s.shape) {
    case Shape::flat: {
      E e[N];
      std::memcpy(e, p, sizeof e);
      for (int c = 0; c < N; ++c) v[c] = static_cast<V>(e[c]);
      return;
    }
    case Shape::scalar: {
      const V x = static_cast<V>(peek<E>(p));
      for (int c = 0; c < N; ++c) v[c] = x;
      return;
    }
    case Shape::strided:
      for (int c = 0; c < N; ++c) v[c] = static_cast<V>(peek<E>(p + c * s.step));
      return;
    case Shape::rows: {
      const int mask = (1 << s.width_shift) - 1;
      for (int c = 0; c < N; ++c) v[c] = static_cast<V>(peek<E>(p + (c >> s.width_shift) * s.vertical + (c & mask) * s.step));
      return;
    }
    case Shape::indirect: {
      const int mask = (1 << s.width_shift) - 1;
      for (int c = 0; c < N; ++c) {
        const int row = c >> s.width_shift;
        const std::int32_t a = peek<std::uint16_t>(t.r + RegisterFile::address + 2 * ((s.address_word + (s.per_row ? row : 0)) & 15));
        const std::uint32_t at = static_cast<std::uint32_t>(a + s.address_offset + (s.per_row ? 0 : row * s.vertical) + (c & mask) * s.step);
        // Past the registers: checked before for the channels that count, harmless for those that do not.
        v[c] = static_cast<V>(peek<E>(t.r + (at < RegisterFile::accumulator ? at : 0)));
      }
      return;
    }
  }
}

/// Integers, sign- or zero-extended into U (an unsigned type); negated, made absolute or inverted.
template <int N, class U>
ALWAYS_INLINE void load_integers(const Thread& t, const Source& s, U* v) {
  switch (s.type) {
    case Type::ub: load_elements<N, std::uint8_t>(t, s, v); break;
    case Type::b: load_elements<N, std::int8_t>(t, s, v); break;
    case Type::uw: load_elements<N, std::uint16_t>(t, s, v); break;
    case Type::w: load_elements<N, std::int16_t>(t, s, v); break;
    case Type::ud: load_elements<N, std::uint32_t>(t, s, v); break;
    case Type::d: load_elements<N, std::int32_t>(t, s, v); break;
    default:
      if constexpr (sizeof(U) == 8) load_elements<N, std::uint64_t>(t, s, v);
      break;
  }
  using S = std::make_signed_t<U>;
  if (s.absolute) {
    for (int c = 0; c < N; ++c) v[c] = static_cast<S>(v[c]) < 0 ? U(0) - v[c] : v[c];
  }
  if (s.negate) {
    for (int c = 0; c < N; ++c) v[c] = U(0) - v[c];
  }
  if (s.invert) {
    for (int c = 0; c < N; ++c) v[c] = ~v[c];
  }
}

template <int N>
ALWAYS_INLINE void halves_to_floats(const std::uint16_t* h, float* f) {
#if XE_VARIANT_AVX2
  if constexpr (N % 8 == 0) {
    for (int c = 0; c < N; c += 8) {
      _mm256_storeu_ps(f + c, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(h + c))));
    }
    return;
  }
#endif
  for (int c = 0; c < N; ++c) f[c] = float_of_half(h[c]);
}

/// Any type as float or double.
template <int N, class F>
ALWAYS_INLINE void load_floats(const Thread& t, const Source& s, F* v) {
  switch (s.type) {
    case Type::f: load_elements<N, float>(t, s, v); break;
    case Type::df: load_elements<N, double>(t, s, v); break;
    case Type::hf: {
      std::uint16_t h[N];
      float f[N];
      load_elements<N, std::uint16_t>(t, s, h);
      halves_to_floats<N>(h, f);
      for (int c = 0; c < N; ++c) v[c] = f[c];
      break;
    }
    case Type::bf: {
      std::uint32_t b[N];
      load_elements<N, std::uint16_t>(t, s, b);
      for (int c = 0; c < N; ++c) v[c] = std::bit_cast<float>(b[c] << 16);
      break;
    }
    case Type::ub: load_elements<N, std::uint8_t>(t, s, v); break;
    case Type::b: load_elements<N, std::int8_t>(t, s, v); break;
    case Type::uw: load_elements<N, std::uint16_t>(t, s, v); break;
    case Type::w: load_elements<N, std::int16_t>(t, s, v); break;
    case Type::ud: load_elements<N, std::uint32_t>(t, s, v); break;
    case Type::d: load_elements<N, std::int32_t>(t, s, v); break;
    default: load_elements<N, std::int64_t>(t, s, v); break;
  }
  if (s.absolute) {
    for (int c = 0; c < N; ++c) v[c] = __builtin_fabs(v[c]);
  }
  if (s.negate) {
    for (int c = 0; c < N; ++c) v[c] = -v[c];
  }
}

/// Elements of type E to the channels in `mask`.
template <int N, class E, class V>
ALWAYS_INLINE void store_elements(Thread& t, const Step& s, const V* v, std::uint32_t mask) {
  const Destination& d = s.destination;
  std::uint8_t* p = t.r + d.base;
  if (d.indirect) {
    const std::uint32_t base = indirect_base(t, d.address_word, d.address_offset, static_cast<std::uint32_t>(d.step * (s.channels - 1)) + sizeof(E));
    p = t.r + base;
  }
  if (d.flat) {
    E e[N];
    if (mask == lanes(N)) {
      for (int c = 0; c < N; ++c) e[c] = static_cast<E>(v[c]);
    } else if (N >= 8) {
      std::memcpy(e, p, sizeof e);
      for (int c = 0; c < N; ++c) e[c] = (mask >> c & 1) != 0 ? static_cast<E>(v[c]) : e[c];
    } else {
      if ((mask & 1) != 0) poke(p, static_cast<E>(v[0]));
      return;
    }
    std::memcpy(p, e, sizeof e);
    return;
  }
  if (mask == lanes(N)) {
    for (int c = 0; c < N; ++c) poke(p + c * d.step, static_cast<E>(v[c]));
    return;
  }
  for (; mask != 0; mask &= mask - 1) {
    const int c = std::countr_zero(mask);
    poke(p + c * d.step, static_cast<E>(v[c]));
  }
}

template <int N>
ALWAYS_INLINE void store_as_half(Thread& t, const Step& s, const float* v, std::uint32_t mask) {
  std::uint16_t h[N];
#if XE_VARIANT_AVX2
  if constexpr (N % 8 == 0) {
    for (int c = 0; c < N; c += 8) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(h + c), _mm256_cvtps_ph(_mm256_loadu_ps(v + c), _MM_FROUND_CUR_DIRECTION));
    }
    return store_elements<N, std::uint16_t>(t, s, h, mask);
  }
#endif
  for (int c = 0; c < N; ++c) h[c] = half_of_float(v[c]);
  store_elements<N, std::uint16_t>(t, s, h, mask);
}

template <int N>
ALWAYS_INLINE void store_float_bits(Thread& t, const Step& s, const float* v, std::uint32_t mask) {
  if (s.destination.type == Type::f) return store_elements<N, float>(t, s, v, mask);
  if (s.destination.type == Type::hf) return store_as_half<N>(t, s, v, mask);
  std::uint16_t b[N];
  for (int c = 0; c < N; ++c) b[c] = bfloat_of_float(v[c]);
  store_elements<N, std::uint16_t>(t, s, b, mask);
}

template <int N, class U>
ALWAYS_INLINE void store_by_size(Thread& t, const Step& s, const U* v, std::uint32_t mask) {
  switch (size_of(s.destination.type)) {
    case 1: return store_elements<N, std::uint8_t>(t, s, v, mask);
    case 2: return store_elements<N, std::uint16_t>(t, s, v, mask);
    case 4: return store_elements<N, std::uint32_t>(t, s, v, mask);
    default: return store_elements<N, std::uint64_t>(t, s, v, mask);
  }
}

template <int N, class F>
ALWAYS_INLINE void saturate_floats(F* v) {
  for (int c = 0; c < N; ++c) v[c] = !(v[c] > F(0)) ? F(0) : v[c] > F(1) ? F(1) : v[c];
}

/// Results of integer arithmetic: clamped if the instruction saturates, converted if the destination is a float.
template <int N, class U>
ALWAYS_INLINE void store_integers(Thread& t, const Step& s, U* v, std::uint32_t mask) {
  const Destination& d = s.destination;
  if (d.none) return;
  using S = std::make_signed_t<U>;
  if (is_float(d.type)) {
    if (d.type == Type::df) {
      double x[N];
      for (int c = 0; c < N; ++c) x[c] = sizeof(U) == 8 && s.compares_unsigned ? static_cast<double>(v[c]) : static_cast<double>(static_cast<S>(v[c]));
      if (s.saturate) saturate_floats<N>(x);
      return store_elements<N, double>(t, s, x, mask);
    }
    float x[N];
    for (int c = 0; c < N; ++c) x[c] = sizeof(U) == 8 && s.compares_unsigned ? static_cast<float>(v[c]) : static_cast<float>(static_cast<S>(v[c]));
    if (s.saturate) saturate_floats<N>(x);
    return store_float_bits<N>(t, s, x, mask);
  }
  if (s.saturate) {
    if (sizeof(U) == 8 && s.compares_unsigned) {
      const U high = static_cast<U>(highest_of(d.type));
      for (int c = 0; c < N; ++c) v[c] = v[c] > high ? high : v[c];
    } else {
      const S low = static_cast<S>(lowest_of(d.type)), high = static_cast<S>(highest_of(d.type) > std::uint64_t(std::numeric_limits<S>::max()) ? std::uint64_t(std::numeric_limits<S>::max()) : highest_of(d.type));
      for (int c = 0; c < N; ++c) v[c] = static_cast<U>(static_cast<S>(v[c]) < low ? low : static_cast<S>(v[c]) > high ? high : static_cast<S>(v[c]));
    }
  }
  store_by_size<N>(t, s, v, mask);
}

/// Results of float arithmetic. To an integer: rounded to nearest even when bit 12 of cr0 says so, else towards zero;
/// ends at the limits of the type, with or without saturation; not-a-number becomes zero.
template <int N, class F>
ALWAYS_INLINE void store_floats(Thread& t, const Step& s, F* v, std::uint32_t mask) {
  const Destination& d = s.destination;
  if (d.none) return;
  if (is_float(d.type)) {
    if (s.saturate) saturate_floats<N>(v);
    if (d.type == Type::df) return store_elements<N, double>(t, s, v, mask);
    if constexpr (sizeof(F) == 8) {
      if (d.type == Type::hf) {
        std::uint16_t h[N];
        for (int c = 0; c < N; ++c) h[c] = half_of_double(v[c]);
        return store_elements<N, std::uint16_t>(t, s, h, mask);
      }
      float x[N];
      for (int c = 0; c < N; ++c) x[c] = static_cast<float>(v[c]);
      return store_float_bits<N>(t, s, x, mask);
    } else {
      return store_float_bits<N>(t, s, v, mask);
    }
  }
  const bool nearest = (peek<std::uint32_t>(t.r + RegisterFile::control) & 0x1000) != 0;
  if (size_of(d.type) < 4 || d.type == Type::d) {
    // Limits of these types are exact in float; clamping first keeps the conversion defined.
    std::int32_t w[N];
    const F low = static_cast<F>(lowest_of(d.type)), high = d.type == Type::d ? F(2147483648.0) : static_cast<F>(highest_of(d.type));
    const std::int32_t top = static_cast<std::int32_t>(highest_of(d.type));
    for (int c = 0; c < N; ++c) {
      F x = nearest ? round_even(v[c]) : round_zero(v[c]);
      x = x == x ? x : F(0);
      x = x < low ? low : x;
      w[c] = x >= high ? top : static_cast<std::int32_t>(x < high ? x : F(0));
    }
    std::uint32_t u[N];
    std::memcpy(u, w, sizeof u);
    return store_by_size<N>(t, s, u, mask);
  }
  std::uint64_t w[N];
  const bool sign = d.type == Type::q;
  const double high = d.type == Type::ud ? 4294967296.0 : sign ? 0x1p63 : 0x1p64;
  for (int c = 0; c < N; ++c) {
    const double x = static_cast<double>(nearest ? round_even(v[c]) : round_zero(v[c]));
    if (!(x == x)) w[c] = 0;
    else if (x >= high) w[c] = highest_of(d.type);
    else if (sign) w[c] = x <= -0x1p63 ? std::uint64_t{1} << 63 : static_cast<std::uint64_t>(static_cast<std::int64_t>(x));
    else w[c] = x <= 0 ? 0 : static_cast<std::uint64_t>(x);
  }
  store_by_size<N>(t, s, w, mask);
}
