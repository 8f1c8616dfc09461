// Forms of instructions in single precision. Included by alu_forms_avx2.cpp.

struct FloatAdd { static constexpr int sources = 2; template <class V> static V of(V a, V b, V) { return a + b; } };
struct FloatMultiply { static constexpr int sources = 2; template <class V> static V of(V a, V b, V) { return a * b; } };
/// First source plus the product of the others, rounded once.
struct FloatMultiplyAdd {
  static constexpr int sources = 3;
  static float of(float a, float b, float c) { return __builtin_fmaf(b, c, a); }
  template <class V>
  static V of(V a, V b, V c) {
    constexpr int n = sizeof(V) / 4;
    using Part = Lanes<float, n < 8 ? n : 8>;
    Part x[sizeof(V) / sizeof(Part)], y[sizeof(V) / sizeof(Part)], z[sizeof(V) / sizeof(Part)];
    std::memcpy(x, &a, sizeof a);
    std::memcpy(y, &b, sizeof b);
    std::memcpy(z, &c, sizeof c);
    for (std::size_t k = 0; k < std::size(x); ++k) {
      if constexpr (n >= 8) x[k] = _mm256_fmadd_ps(y[k], z[k], x[k]);
      else for (int e = 0; e < n; ++e) x[k][e] = __builtin_fmaf(y[k][e], z[k][e], x[k][e]);
    }
    std::memcpy(&a, x, sizeof a);
    return a;
  }
};

/// Bits of a source, negated.
template <int N>
ALWAYS_INLINE Lanes<std::uint32_t, N> float_bits(const Thread& t, const Source& s, bool scalar) {
  using V = Lanes<std::uint32_t, N>;
  const std::uint32_t sign = s.negate ? 0x80000000u : 0;
  if (N == 1 || scalar) return V{} + (peek<std::uint32_t>(place(t, s)) ^ sign);
  return peek<V>(place(t, s)) ^ sign;
}

template <int N>
ALWAYS_INLINE Lanes<float, N> floats(const Thread& t, const Source& s, bool scalar) {
  return std::bit_cast<Lanes<float, N>>(float_bits<N>(t, s, scalar));
}

template <class Op, int N, bool A, bool B, bool C>
void some_floats(Thread& t, const Step& s) {
  using V = Lanes<float, N>;
  if (some_off(t, s)) return s.general(t, s);
  const V a = floats<N>(t, s.source[0], A), b = floats<N>(t, s.source[1], B);
  V c{};
  if constexpr (Op::sources == 3) c = floats<N>(t, s.source[2], C);
  poke(place(t, s), Op::of(a, b, c));
}

template <class Op>
Run float_form_of(const Step& s) {
  return by_width(s, [&](auto n) {
    return by_truth(is_scalar(s.source[0]), [&](auto a) {
      return by_truth(is_scalar(s.source[1]), [&](auto b) {
        constexpr int N = decltype(n)::value;
        if constexpr (Op::sources < 3) return Run{some_floats<Op, N, decltype(a)::value, decltype(b)::value, false>};
        else return by_truth(is_scalar(s.source[2]), [&](auto c) { return Run{some_floats<Op, N, decltype(a)::value, decltype(b)::value, decltype(c)::value>}; });
      });
    });
  });
}

/// Of two values the first where the third compares with zero as the condition says.
template <int N>
void choose_floats(Thread& t, const Step& s) {
  using V = Lanes<float, N>;
  using Bits = Lanes<std::uint32_t, N>;
  if (some_off(t, s)) return s.general(t, s);
  const V third = floats<N>(t, s.source[2], is_scalar(s.source[2])), zero{};
  const Bits a = float_bits<N>(t, s.source[0], is_scalar(s.source[0])), b = float_bits<N>(t, s.source[1], is_scalar(s.source[1]));
  Bits truth;
  switch (s.condition) {
    case Condition::eq: truth = (Bits)(third == zero); break;
    case Condition::ne: truth = (Bits)(third != zero); break;
    case Condition::gt: truth = (Bits)(third > zero); break;
    case Condition::ge: truth = (Bits)(third >= zero); break;
    case Condition::lt: truth = (Bits)(third < zero); break;
    default: truth = (Bits)(third <= zero);
  }
  poke(place(t, s), (a & truth) | (b & ~truth));
}

/// To integers of up to 16 bits, any distance apart: rounded as cr0 says, ends at the limits, not-a-number is zero.
template <int N, class D>
void floats_to_integers(Thread& t, const Step& s) {
  if (some_off(t, s)) return s.general(t, s);
  const Lanes<float, N> x = floats<N>(t, s.source[0], is_scalar(s.source[0]));
  const bool nearest = (peek<std::uint32_t>(t.r + RegisterFile::control) & 0x1000) != 0;
  const __m256 low = _mm256_set1_ps(static_cast<float>(std::numeric_limits<D>::lowest())), high = _mm256_set1_ps(static_cast<float>(std::numeric_limits<D>::max()));
  std::int32_t whole[N];
  for (int c = 0; c < N; c += 8) {
    __m256 v = _mm256_loadu_ps(reinterpret_cast<const float*>(&x) + c);
    v = _mm256_and_ps(v, _mm256_cmp_ps(v, v, _CMP_ORD_Q));
    v = nearest ? _mm256_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC) : _mm256_round_ps(v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
    v = _mm256_min_ps(_mm256_max_ps(v, low), high);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(whole + c), _mm256_cvttps_epi32(v));
  }
  std::uint8_t* to = place(t, s);
  for (int c = 0; c < N; ++c) poke(to + c * s.destination.step, static_cast<D>(whole[c]));
}

Run float_form(const Step& s) {
  int sources = 0;
  for (const Source& x : s.source) {
    if (x.type == Type::none) continue;
    if (x.type != Type::f || !(is_scalar(x) || x.shape == Shape::flat)) return nullptr;
    ++sources;
  }
  if (s.opcode == Opcode::mov) {
    if (s.condition != Condition::none || sources != 1) return nullptr;
    const auto to = [&]<class D>(D) -> Run {
      switch (s.channels) {
        case 8: return floats_to_integers<8, D>;
        case 16: return floats_to_integers<16, D>;
        case 32: return floats_to_integers<32, D>;
        default: return nullptr;
      }
    };
    switch (s.destination.type) {
      case Type::b: return to(std::int8_t{});
      case Type::ub: return to(std::uint8_t{});
      case Type::w: return to(std::int16_t{});
      case Type::uw: return to(std::uint16_t{});
      default: return nullptr;
    }
  }
  if (s.destination.type != Type::f || !s.destination.flat || s.saturate) return nullptr;
  if (s.opcode == Opcode::csel) {
    if (sources != 3 || s.condition < Condition::eq || s.condition > Condition::le) return nullptr;
    switch (s.channels) {
      case 8: return choose_floats<8>;
      case 16: return choose_floats<16>;
      case 32: return choose_floats<32>;
      default: return nullptr;
    }
  }
  if (s.condition != Condition::none) return nullptr;
  if (s.opcode == Opcode::add && sources == 2) return float_form_of<FloatAdd>(s);
  if (s.opcode == Opcode::mul && sources == 2) return float_form_of<FloatMultiply>(s);
  if (s.opcode == Opcode::mad && sources == 3) return float_form_of<FloatMultiplyAdd>(s);
  return nullptr;
}
