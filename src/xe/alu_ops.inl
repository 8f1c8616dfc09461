// Arithmetic for N channels. Included by alu_plain.cpp and alu_avx2.cpp, after alu_load.inl.
// Source of the semantics: Intel's Programmer's Reference Manuals (DG2 volume 9, "EU Instruction Set"), vISA's pages
// (documentation/visa/instructions of intel-graphics-compiler).

template <class T>
ALWAYS_INLINE bool holds(Condition condition, T a, T b) {
  switch (condition) {
    case Condition::eq: return a == b;
    case Condition::ne: return a != b;
    case Condition::gt: return a > b;
    case Condition::ge: return a >= b;
    case Condition::lt: return a < b;
    case Condition::le: return a <= b;
    default: return false;
  }
}

/// Bit c: whether truth[c] is not zero.
template <int N, class U>
ALWAYS_INLINE std::uint32_t bits_of(const U* truth) {
  std::uint32_t bits = 0;
  for (int c = 0; c < N; ++c) bits |= static_cast<std::uint32_t>(truth[c] != 0) << c;
  return bits;
}
#if defined(__SSE2__)
template <int N>
ALWAYS_INLINE std::uint32_t bits_of_words(const std::uint32_t* truth) {
  if constexpr (N >= 8) {
    std::uint32_t bits = 0;
    for (int c = 0; c < N; c += 4) {
      const __m128i four = _mm_loadu_si128(reinterpret_cast<const __m128i*>(truth + c));
      bits |= static_cast<std::uint32_t>(_mm_movemask_ps(_mm_castsi128_ps(four))) << c;
    }
    return bits;
  }
  return bits_of<N>(truth);
}
#else
template <int N>
ALWAYS_INLINE std::uint32_t bits_of_words(const std::uint32_t* truth) {
  return bits_of<N>(truth);
}
#endif

/// truth[c] = all ones where the comparison holds. One loop per condition, so that each becomes vector code.
template <int N, class T, class U>
ALWAYS_INLINE void compare(Condition condition, const T* a, const T* b, U* truth) {
#define XE_COMPARE(name, op)                                            \
  case Condition::name:                                                 \
    for (int c = 0; c < N; ++c) truth[c] = a[c] op b[c] ? ~U(0) : U(0); \
    return;
  switch (condition) {
    XE_COMPARE(eq, ==)
    XE_COMPARE(ne, !=)
    XE_COMPARE(gt, >)
    XE_COMPARE(ge, >=)
    XE_COMPARE(lt, <)
    XE_COMPARE(le, <=)
    case Condition::un:
      for (int c = 0; c < N; ++c) truth[c] = a[c] != a[c] || b[c] != b[c] ? ~U(0) : U(0);
      return;
    default:
      for (int c = 0; c < N; ++c) truth[c] = 0;
  }
#undef XE_COMPARE
}
template <int N, class U>
ALWAYS_INLINE std::uint32_t truth_bits(const U* truth) {
  if constexpr (sizeof(U) == 4) return bits_of_words<N>(truth);
  else return bits_of<N>(truth);
}

ALWAYS_INLINE void write_flags(Thread& t, const Step& s, std::uint32_t flags, std::uint32_t mask) {
  std::uint8_t* p = t.r + RegisterFile::flag + 2 * s.flag;
  const std::uint64_t old = peek<std::uint64_t>(p), changed = std::uint64_t{mask} << s.first_channel;
  poke(p, (old & ~changed) | ((std::uint64_t{flags} << s.first_channel) & changed));
}

template <class U>
ALWAYS_INLINE std::uint32_t first_bit_high(U a, bool sign) {
  auto x = static_cast<std::uint32_t>(a);
  if (sign && static_cast<std::int32_t>(x) < 0) x = ~x;
  return x ? static_cast<std::uint32_t>(std::countl_zero(x)) : 0xffffffffu;
}

/// out[c] = the sum of the products of four bytes, signed or not.
template <int N, class U>
ALWAYS_INLINE void dot_of_bytes(bool a_sign, bool b_sign, const U* a, const U* b, U* out) {
#if XE_VARIANT_AVX2
  if constexpr (N % 8 == 0 && sizeof(U) == 4) {
    const __m256i low = _mm256_set1_epi16(0xff);
    for (int c = 0; c < N; c += 8) {
      const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a + c)), y = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b + c));
      const __m256i x0 = a_sign ? _mm256_srai_epi16(_mm256_slli_epi16(x, 8), 8) : _mm256_and_si256(x, low);
      const __m256i y0 = b_sign ? _mm256_srai_epi16(_mm256_slli_epi16(y, 8), 8) : _mm256_and_si256(y, low);
      const __m256i x1 = a_sign ? _mm256_srai_epi16(x, 8) : _mm256_srli_epi16(x, 8);
      const __m256i y1 = b_sign ? _mm256_srai_epi16(y, 8) : _mm256_srli_epi16(y, 8);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + c), _mm256_add_epi32(_mm256_madd_epi16(x0, y0), _mm256_madd_epi16(x1, y1)));
    }
    return;
  }
#endif
  for (int c = 0; c < N; ++c) {
    std::int32_t sum = 0;
    for (int k = 0; k < 4; ++k) {
      const auto x = static_cast<std::uint8_t>(a[c] >> 8 * k), y = static_cast<std::uint8_t>(b[c] >> 8 * k);
      sum += (a_sign ? static_cast<std::int8_t>(x) : x) * (b_sign ? static_cast<std::int8_t>(y) : y);
    }
    out[c] = static_cast<U>(static_cast<std::make_signed_t<U>>(sum));
  }
}

template <int N, class U>
void integer_alu(Thread& t, const Step& s) {
  using S = std::make_signed_t<U>;
  if (s.special_source) refresh_special(t, s);
  std::uint32_t mask = execution_mask(t, s);
  const std::uint32_t predicate = s.predicate == Predicate::none ? lanes(s.channels) : predicate_mask(t, s, mask);
  const bool select = s.opcode == Opcode::sel && s.condition == Condition::none;
  if (!select) mask &= predicate;
  // A negation or inversion of indirect registers outside the file is the only thing that can fail.
  for (const Source& x : s.source) {
    if (x.type != Type::none && x.shape == Shape::indirect && !check_indirect(t, s, x)) return;
  }
  U a[N], b[N], d[N], v[N];
  load_integers<N>(t, s.source[0], a);
  if (s.source[1].type != Type::none) load_integers<N>(t, s.source[1], b);
  if (s.source[2].type != Type::none) load_integers<N>(t, s.source[2], d);
  std::uint32_t flags = 0;
  bool flags_done = false;
  const U shift_mask = size_of(s.destination.type) == 8 || size_of(s.source[0].type) == 8 ? 63 : 31;
  const int bits = 8 * size_of(s.source[0].type);
  U extra[N];
  bool has_extra = false;
  switch (s.opcode) {
    case Opcode::mov: std::memcpy(v, a, sizeof v); break;
    case Opcode::add: for (int c = 0; c < N; ++c) v[c] = a[c] + b[c]; break;
    case Opcode::add3: for (int c = 0; c < N; ++c) v[c] = a[c] + b[c] + d[c]; break;
    case Opcode::mul: for (int c = 0; c < N; ++c) v[c] = a[c] * b[c]; break;
    case Opcode::mad: for (int c = 0; c < N; ++c) v[c] = a[c] + b[c] * d[c]; break;
    case Opcode::avg: for (int c = 0; c < N; ++c) v[c] = static_cast<U>(static_cast<S>(a[c] + b[c] + 1) >> 1); break;
    case Opcode::and_: for (int c = 0; c < N; ++c) v[c] = a[c] & b[c]; break;
    case Opcode::or_: for (int c = 0; c < N; ++c) v[c] = a[c] | b[c]; break;
    case Opcode::xor_: for (int c = 0; c < N; ++c) v[c] = a[c] ^ b[c]; break;
    case Opcode::not_: for (int c = 0; c < N; ++c) v[c] = ~a[c]; break;
    case Opcode::shl: for (int c = 0; c < N; ++c) v[c] = a[c] << (b[c] & shift_mask); break;
    case Opcode::shr: {
      const U low = bits >= static_cast<int>(8 * sizeof(U)) ? ~U(0) : (U(1) << (bits & 63)) - 1;
      for (int c = 0; c < N; ++c) v[c] = (a[c] & low) >> (b[c] & shift_mask);
      break;
    }
    case Opcode::asr: for (int c = 0; c < N; ++c) v[c] = static_cast<U>(static_cast<S>(a[c]) >> (b[c] & shift_mask)); break;
    case Opcode::rol:
    case Opcode::ror: {
      const int width = 8 * size_of(s.destination.type);
      const U low = width >= static_cast<int>(8 * sizeof(U)) ? ~U(0) : (U(1) << (width & 63)) - 1;
      for (int c = 0; c < N; ++c) {
        const int by = static_cast<int>(b[c]) & (width - 1);
        const int left = s.opcode == Opcode::rol ? by : (width - by) & (width - 1);
        const U x = a[c] & low;
        v[c] = left == 0 ? x : ((x << left) | (x >> (width - left))) & low;
      }
      break;
    }
    case Opcode::sel:
      if (select) {
        for (int c = 0; c < N; ++c) v[c] = (predicate >> c & 1) != 0 ? a[c] : b[c];
      } else {
        U truth[N];
        if (s.compares_unsigned) compare<N>(s.condition, a, b, truth);
        else compare<N>(s.condition, reinterpret_cast<const S*>(a), reinterpret_cast<const S*>(b), truth);
        for (int c = 0; c < N; ++c) v[c] = (a[c] & truth[c]) | (b[c] & ~truth[c]);
        flags_done = true;
      }
      break;
    case Opcode::csel:
      for (int c = 0; c < N; ++c) v[c] = holds(s.condition, static_cast<S>(d[c]), S(0)) ? a[c] : b[c];
      flags_done = true;
      break;
    case Opcode::cmp:
    case Opcode::cmpn: {
      if (s.compares_unsigned) compare<N>(s.condition, a, b, v);
      else compare<N>(s.condition, reinterpret_cast<const S*>(a), reinterpret_cast<const S*>(b), v);
      flags = truth_bits<N>(v);
      write_flags(t, s, flags, mask);
      flags_done = true;
      break;
    }
    case Opcode::addc:
      for (int c = 0; c < N; ++c) {
        v[c] = static_cast<std::uint32_t>(a[c] + b[c]);
        extra[c] = static_cast<std::uint32_t>(v[c]) < static_cast<std::uint32_t>(a[c]);
      }
      has_extra = true;
      break;
    case Opcode::subb:
      for (int c = 0; c < N; ++c) {
        v[c] = static_cast<std::uint32_t>(a[c] - b[c]);
        extra[c] = static_cast<std::uint32_t>(a[c]) < static_cast<std::uint32_t>(b[c]);
      }
      has_extra = true;
      break;
    case Opcode::mac: {
      const std::uint32_t at = implicit_accumulator(t, s) / 4;
      for (int c = 0; c < N; ++c) v[c] = static_cast<U>(t.wide[(at + static_cast<std::uint32_t>(c)) & 255]) + a[c] * b[c];
      break;
    }
    case Opcode::mach:
    case Opcode::macl: {
      // After a multiplication of the whole first source with the lower half of the second into the accumulator: adds the
      // product with the upper half. The result is the upper 32 bits if the accumulator is written too, else the lower.
      const std::uint32_t at = implicit_accumulator(t, s) / 4;
      const bool high = s.writes_accumulator;
      for (int c = 0; c < N; ++c) {
        const std::uint64_t upper = static_cast<std::uint64_t>(static_cast<std::int64_t>(b[c]) >> 16) << 16;
        const std::uint64_t x = t.wide[(at + static_cast<std::uint32_t>(c)) & 255] + static_cast<std::uint64_t>(a[c]) * upper;
        extra[c] = static_cast<U>(x);
        v[c] = static_cast<U>(high ? (is_signed(s.source[0].type) ? static_cast<std::uint64_t>(static_cast<std::int64_t>(x) >> 32) : x >> 32)
                                   : static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(x))));
      }
      has_extra = high;
      break;
    }
    case Opcode::dp4a:
      dot_of_bytes<N>(is_signed(s.source[1].type), is_signed(s.source[2].type), b, d, v);
      for (int c = 0; c < N; ++c) v[c] += a[c];
      break;
    case Opcode::bfn:
      for (int c = 0; c < N; ++c) v[c] = 0;
      for (int k = 0; k < 8; ++k) {
        if ((s.table >> k & 1) == 0) continue;
        for (int c = 0; c < N; ++c) v[c] |= (k & 1 ? a[c] : ~a[c]) & (k & 2 ? b[c] : ~b[c]) & (k & 4 ? d[c] : ~d[c]);
      }
      break;
    case Opcode::bfe:  // width, offset, value
      for (int c = 0; c < N; ++c) {
        const int width = static_cast<int>(a[c] & 31), at = static_cast<int>(b[c] & 31);
        const std::uint32_t x = static_cast<std::uint32_t>(d[c]) >> at & ((std::uint32_t{1} << width) - 1);
        const bool sign = is_signed(s.source[2].type) && width != 0 && (x >> (width - 1) & 1) != 0;
        v[c] = sign ? static_cast<U>(static_cast<S>(static_cast<std::int32_t>(x | ~((std::uint32_t{1} << width) - 1)))) : x;
      }
      break;
    case Opcode::bfi1:
      for (int c = 0; c < N; ++c) v[c] = static_cast<std::uint32_t>(((std::uint32_t{1} << (a[c] & 31)) - 1) << (b[c] & 31));
      break;
    case Opcode::bfi2: for (int c = 0; c < N; ++c) v[c] = (a[c] & b[c]) | (~a[c] & d[c]); break;
    case Opcode::bfrev:
      for (int c = 0; c < N; ++c) {
        auto x = static_cast<std::uint32_t>(a[c]);
        x = (x >> 1 & 0x55555555u) | (x & 0x55555555u) << 1;
        x = (x >> 2 & 0x33333333u) | (x & 0x33333333u) << 2;
        x = (x >> 4 & 0x0f0f0f0fu) | (x & 0x0f0f0f0fu) << 4;
        v[c] = __builtin_bswap32(x);
      }
      break;
    case Opcode::cbit: {
      const U low = bits >= static_cast<int>(8 * sizeof(U)) ? ~U(0) : (U(1) << (bits & 63)) - 1;
      for (int c = 0; c < N; ++c) v[c] = static_cast<U>(std::popcount(static_cast<U>(a[c] & low)));
      break;
    }
    case Opcode::fbh: for (int c = 0; c < N; ++c) v[c] = first_bit_high(a[c], is_signed(s.source[0].type)); break;
    case Opcode::fbl:
      for (int c = 0; c < N; ++c) {
        const auto x = static_cast<std::uint32_t>(a[c]);
        v[c] = x ? static_cast<U>(std::countr_zero(x)) : 0xffffffffu;
      }
      break;
    case Opcode::lzd: for (int c = 0; c < N; ++c) v[c] = static_cast<U>(std::countl_zero(static_cast<std::uint32_t>(a[c]))); break;
    case Opcode::math:
      for (int c = 0; c < N; ++c) {
        const S x = static_cast<S>(a[c]), y = static_cast<S>(b[c]);
        const bool whole = y == 0 || (y == -1 && x == std::numeric_limits<S>::min());
        if (s.math == MathFunction::irem) v[c] = y == 0 ? ~U(0) : whole ? U(0) : static_cast<U>(x % y);
        else v[c] = y == 0 ? ~U(0) : whole ? a[c] : static_cast<U>(x / y);
      }
      break;
    default: return run_unsupported(t, s);
  }
  if (s.condition != Condition::none && !flags_done) {
    for (int c = 0; c < N; ++c) {
      const S x = static_cast<S>(v[c]);
      const bool truth = s.condition != Condition::ov                 ? holds(s.condition, x, S(0))
                         : x < 0 ? x < static_cast<S>(lowest_of(s.destination.type))
                                 : static_cast<std::uint64_t>(x) > highest_of(s.destination.type);
      flags |= static_cast<std::uint32_t>(truth) << c;
    }
    write_flags(t, s, flags, mask);
  }
  if (s.destination.base >= RegisterFile::accumulator && s.destination.base < RegisterFile::flag && !s.destination.none && !s.destination.indirect) {
    const std::uint32_t at = (s.destination.base - RegisterFile::accumulator) / 4, step = s.destination.step / 4u;
    for (int c = 0; c < s.channels; ++c) {
      if ((mask >> c & 1) != 0) t.wide[(at + static_cast<std::uint32_t>(c) * (step ? step : 1)) & 255] = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<S>(v[c])));
    }
  }
  // Before the clamping of the destination's value.
  if (s.writes_accumulator) {
    const std::uint32_t at = implicit_accumulator(t, s);
    for (int c = 0; c < s.channels; ++c) {
      if ((mask >> c & 1) == 0) continue;
      const U x = has_extra ? extra[c] : v[c];
      poke(t.r + RegisterFile::accumulator + at + 4 * c, static_cast<std::uint32_t>(x));
      t.wide[(at / 4 + static_cast<std::uint32_t>(c)) & 255] = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<S>(x)));
    }
  }
  store_integers<N>(t, s, v, mask);
  if (s.special_destination) wrote_special(t, s);
}

template <class F>
F math_of(MathFunction function, F a, F b) {
  const auto x = static_cast<double>(a), y = static_cast<double>(b);
  switch (function) {
    case MathFunction::inv: return F(1) / a;
    case MathFunction::sqt:
    case MathFunction::rsqtm: return std::sqrt(a);  // the macro's flags say: this is the final result
    case MathFunction::rsqt: return static_cast<F>(1.0 / std::sqrt(x));
    case MathFunction::log: return static_cast<F>(std::log2(x));
    case MathFunction::exp: return static_cast<F>(std::exp2(x));
    case MathFunction::sin: return static_cast<F>(std::sin(x));
    case MathFunction::cos: return static_cast<F>(std::cos(x));
    case MathFunction::pow: return static_cast<F>(std::pow(std::fabs(x), y));
    default: return a / b;                          // fdiv; invm likewise
  }
}

template <int N, class F>
void float_alu(Thread& t, const Step& s) {
  using U = std::conditional_t<sizeof(F) == 4, std::uint32_t, std::uint64_t>;
  if (s.special_source) refresh_special(t, s);
  std::uint32_t mask = execution_mask(t, s);
  const std::uint32_t predicate = s.predicate == Predicate::none ? lanes(s.channels) : predicate_mask(t, s, mask);
  const bool select = s.opcode == Opcode::sel && s.condition == Condition::none;
  if (!select) mask &= predicate;
  for (const Source& x : s.source) {
    if (x.type != Type::none && x.shape == Shape::indirect && !check_indirect(t, s, x)) return;
  }
  F a[N], b[N], d[N], v[N];
  load_floats<N>(t, s.source[0], a);
  if (s.source[1].type != Type::none) load_floats<N>(t, s.source[1], b);
  if (s.source[2].type != Type::none) load_floats<N>(t, s.source[2], d);
  std::uint32_t flags = 0;
  bool flags_done = s.condition == Condition::none;
  switch (s.opcode) {
    case Opcode::mov: std::memcpy(v, a, sizeof v); break;
    case Opcode::add: for (int c = 0; c < N; ++c) v[c] = a[c] + b[c]; break;
    case Opcode::mul: for (int c = 0; c < N; ++c) v[c] = a[c] * b[c]; break;
    case Opcode::mad:
      if (sizeof(F) == 8 && s.source[1].type == Type::hf) {
        for (int c = 0; c < N; ++c) v[c] = static_cast<F>(fused_to_odd(static_cast<double>(b[c]), static_cast<double>(d[c]), static_cast<double>(a[c])));
      } else {
        for (int c = 0; c < N; ++c) v[c] = std::fma(b[c], d[c], a[c]);
      }
      break;
    case Opcode::mac: {
      const std::uint32_t at = RegisterFile::accumulator + implicit_accumulator(t, s);
      for (int c = 0; c < s.channels; ++c) v[c] = std::fma(a[c], b[c], peek<F>(t.r + at + static_cast<std::uint32_t>(c) * sizeof(F)));
      for (int c = s.channels; c < N; ++c) v[c] = 0;
      break;
    }
    case Opcode::madm:
      for (int c = 0; c < s.channels; ++c) {
        const auto wide = [&](int k, F x) {
          const Source& o = s.source[k];
          return o.macro < 0 ? static_cast<double>(x) : (o.negate ? -t.macro[o.macro][c] : t.macro[o.macro][c]);
        };
        const double x = std::fma(wide(1, b[c]), wide(2, d[c]), wide(0, a[c]));
        v[c] = static_cast<F>(x);
        if (s.destination.macro >= 0 && (mask >> c & 1) != 0) t.macro[s.destination.macro][c] = x;
      }
      for (int c = s.channels; c < N; ++c) v[c] = 0;
      break;
    case Opcode::rnde: for (int c = 0; c < N; ++c) v[c] = round_even(a[c]); break;
    case Opcode::rndz: for (int c = 0; c < N; ++c) v[c] = round_zero(a[c]); break;
    case Opcode::rndd: for (int c = 0; c < N; ++c) v[c] = std::floor(a[c]); break;
    case Opcode::rndu: for (int c = 0; c < N; ++c) v[c] = std::ceil(a[c]); break;
    case Opcode::frc: for (int c = 0; c < N; ++c) v[c] = a[c] - std::floor(a[c]); break;
    case Opcode::math:
      for (int c = 0; c < s.channels; ++c) v[c] = math_of(s.math, a[c], s.source[1].type == Type::none ? F(1) : b[c]);
      for (int c = s.channels; c < N; ++c) v[c] = 0;
      if (s.condition == Condition::eo) {
        // Every channel is done at once; the refinement that follows in the program is for those that are not.
        write_flags(t, s, lanes(s.channels), mask);
        flags_done = true;
        if (s.destination.macro >= 0) {
          for (int c = 0; c < s.channels; ++c) t.macro[s.destination.macro][c] = static_cast<double>(v[c]);
        }
      }
      break;
    case Opcode::sel:
      if (select) {
        for (int c = 0; c < N; ++c) v[c] = (predicate >> c & 1) != 0 ? a[c] : b[c];
      } else {
        U truth[N];
        compare<N>(s.condition, a, b, truth);
        // The number wins over a not-a-number.
        for (int c = 0; c < N; ++c) v[c] = a[c] != a[c] ? b[c] : b[c] != b[c] ? a[c] : truth[c] ? a[c] : b[c];
        flags_done = true;
      }
      break;
    case Opcode::csel: {
      for (int c = 0; c < N; ++c) v[c] = 0;
      U truth[N];
      compare<N>(s.condition, d, v, truth);
      for (int c = 0; c < N; ++c) v[c] = truth[c] ? a[c] : b[c];
      flags_done = true;
      break;
    }
    case Opcode::cmp:
    case Opcode::cmpn: {
      U truth[N];
      compare<N>(s.condition, a, b, truth);
      write_flags(t, s, truth_bits<N>(truth), mask);
      if (!s.destination.none) store_by_size<N>(t, s, truth, mask);
      if (s.special_destination) wrote_special(t, s);
      return;
    }
    default: return run_unsupported(t, s);
  }
  if (!flags_done) {
    U truth[N];
    F zero[N];
    for (int c = 0; c < N; ++c) zero[c] = 0;
    compare<N>(s.condition, v, zero, truth);
    flags = truth_bits<N>(truth);
    write_flags(t, s, flags, mask);
  }
  if (s.writes_accumulator && sizeof(F) == 4) {
    const std::uint32_t at = RegisterFile::accumulator + implicit_accumulator(t, s);
    for (int c = 0; c < s.channels; ++c) {
      if ((mask >> c & 1) != 0) poke(t.r + at + 4 * c, static_cast<float>(v[c]));
    }
  }
  store_floats<N>(t, s, v, mask);
  if (s.special_destination) wrote_special(t, s);
}
