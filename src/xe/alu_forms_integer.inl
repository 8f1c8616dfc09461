// Forms of integer instructions. Included by alu_forms_avx2.cpp.

// Operations on one channel or on several, in an unsigned type U or lanes of it.
struct Move { static constexpr int sources = 1; template <class U, class V> static V of(V a, V, V) { return a; } };
struct Add { static constexpr int sources = 2; template <class U, class V> static V of(V a, V b, V) { return a + b; } };
struct Multiply { static constexpr int sources = 2; template <class U, class V> static V of(V a, V b, V) { return a * b; } };
struct And { static constexpr int sources = 2; template <class U, class V> static V of(V a, V b, V) { return a & b; } };
struct Or { static constexpr int sources = 2; template <class U, class V> static V of(V a, V b, V) { return a | b; } };
struct Xor { static constexpr int sources = 2; template <class U, class V> static V of(V a, V b, V) { return a ^ b; } };
struct ShiftLeft { static constexpr int sources = 2; template <class U, class V> static V of(V a, V b, V) { return a << (b & U(8 * sizeof(U) - 1)); } };
struct ShiftRight { static constexpr int sources = 2; template <class U, class V> static V of(V a, V b, V) { return a >> (b & U(8 * sizeof(U) - 1)); } };
struct ShiftSigned {
  static constexpr int sources = 2;
  template <class U, class V>
  static V of(V a, V b, V) {
    using S = std::make_signed_t<U>;
    if constexpr (std::is_same_v<U, V>) {
      return static_cast<U>(static_cast<S>(a) >> (b & U(8 * sizeof(U) - 1)));
    } else {
      using Signed = Lanes<S, sizeof(V) / sizeof(U)>;
      return (V)((Signed)a >> (Signed)(b & U(8 * sizeof(U) - 1)));
    }
  }
};
struct MultiplyAdd { static constexpr int sources = 3; template <class U, class V> static V of(V a, V b, V c) { return a + b * c; } };
struct AddThree { static constexpr int sources = 3; template <class U, class V> static V of(V a, V b, V c) { return a + b + c; } };

/// One channel: sources of any integer types, computed in U, stored as D.
template <class Op, class U, class D>
void one_integer(Thread& t, const Step& s) {
  if (some_off(t, s)) return;
  const auto load = [&](int k) {
    if (k >= Op::sources) return U(0);
    const Source& x = s.source[k];
    // -x = ~x + 1; of logic operations, ~x.
    return static_cast<U>((static_cast<U>(wide_scalar(t, x)) ^ (x.negate || x.invert ? ~U(0) : U(0))) + U(x.negate));
  };
  poke(place(t, s), static_cast<D>(Op::template of<U, U>(load(0), load(1), load(2))));
}

/// Several channels of 32 bits.
template <class Op, int N, bool A, bool B, bool C>
void some_integers(Thread& t, const Step& s) {
  using V = Lanes<std::uint32_t, N>;
  if (some_off(t, s)) return s.general(t, s);
  const auto load = [&](int k, bool scalar) -> V {
    if (k >= Op::sources) return V{};
    if (scalar) return V{} + static_cast<std::uint32_t>(wide_scalar(t, s.source[k]));
    return peek<V>(place(t, s.source[k]));
  };
  poke(place(t, s), Op::template of<std::uint32_t, V>(load(0, A), load(1, B), load(2, C)));
}

/// addc and subb of one channel: the accumulator takes the carry.
template <bool Add>
void one_carry(Thread& t, const Step& s) {
  if (some_off(t, s)) return;
  const auto a = static_cast<std::uint32_t>(wide_scalar(t, s.source[0])), b = static_cast<std::uint32_t>(wide_scalar(t, s.source[1]));
  const std::uint32_t v = Add ? a + b : a - b, carry = Add ? v < a : a < b, at = implicit_accumulator(t, s);
  poke(t.r + RegisterFile::accumulator + at, carry);
  t.wide[at / 4 & 255] = carry;
  if (!s.destination.none) poke(place(t, s), v);
}

Run carry_form(const Step& s) {
  if (s.opcode != Opcode::addc && s.opcode != Opcode::subb) return nullptr;
  if (s.channels != 1 || s.domain != Domain::int32 || s.saturate || size_of(s.destination.type) != 4) return nullptr;
  for (int k = 0; k < 2; ++k) {
    if (!is_scalar(s.source[k]) || s.source[k].negate) return nullptr;
  }
  return s.opcode == Opcode::addc ? one_carry<true> : one_carry<false>;
}

template <class Op>
Run one_integer_form(const Step& s) {
  const int size = size_of(s.destination.type);
  for (const Source& x : s.source) {
    if (x.type != Type::none && !is_scalar(x)) return nullptr;  // a packed immediate
  }
  if (s.domain == Domain::int64) return size == 8 ? one_integer<Op, std::uint64_t, std::uint64_t> : size == 4 ? one_integer<Op, std::uint64_t, std::uint32_t> : nullptr;
  switch (size) {
    case 1: return one_integer<Op, std::uint32_t, std::uint8_t>;
    case 2: return one_integer<Op, std::uint32_t, std::uint16_t>;
    case 4: return one_integer<Op, std::uint32_t, std::uint32_t>;
    default: return nullptr;
  }
}

template <class Op>
Run integer_form_of(const Step& s) {
  if (s.channels == 1) return one_integer_form<Op>(s);
  if (s.domain != Domain::int32 || !s.destination.flat || size_of(s.destination.type) != 4) return nullptr;
  for (const Source& x : s.source) {
    if (x.type != Type::none && (x.negate || x.invert || !(is_scalar(x) || (is_word(x) && x.shape == Shape::flat)))) return nullptr;
  }
  return by_width(s, [&](auto n) -> Run {
    constexpr int N = decltype(n)::value;
    if constexpr (N == 1) return nullptr;
    else return by_truth(is_scalar(s.source[0]), [&](auto a) {
      return by_truth(Op::sources > 1 && is_scalar(s.source[1]), [&](auto b) {
        if constexpr (Op::sources < 3) return Run{some_integers<Op, N, decltype(a)::value, decltype(b)::value, false>};
        else return by_truth(is_scalar(s.source[2]), [&](auto c) { return Run{some_integers<Op, N, decltype(a)::value, decltype(b)::value, decltype(c)::value>}; });
      });
    });
  });
}

Run integer_form(const Step& s) {
  if (is_float(s.destination.type)) return nullptr;
  // Shifts count the bits of the wider of destination and first source, and shr those of its source.
  const bool shift = s.opcode == Opcode::shl || s.opcode == Opcode::shr || s.opcode == Opcode::asr;
  const bool wide = size_of(s.destination.type) == 8 || size_of(s.source[0].type) == 8;
  if (shift && wide != (s.domain == Domain::int64)) return nullptr;
  if (s.opcode == Opcode::shr && (s.source[0].negate || !(is_word(s.source[0]) || size_of(s.source[0].type) == 8 || !is_signed(s.source[0].type)))) return nullptr;
  if (s.opcode == Opcode::shr && s.domain == Domain::int64 && size_of(s.source[0].type) != 8) return nullptr;
  switch (s.opcode) {
    case Opcode::add: return integer_form_of<Add>(s);
    case Opcode::mul: return integer_form_of<Multiply>(s);
    case Opcode::and_: return integer_form_of<And>(s);
    case Opcode::or_: return integer_form_of<Or>(s);
    case Opcode::xor_: return integer_form_of<Xor>(s);
    case Opcode::shl: return integer_form_of<ShiftLeft>(s);
    case Opcode::shr: return integer_form_of<ShiftRight>(s);
    case Opcode::asr: return integer_form_of<ShiftSigned>(s);
    case Opcode::mad: return integer_form_of<MultiplyAdd>(s);
    case Opcode::add3: return integer_form_of<AddThree>(s);
    default: return nullptr;
  }
}

/// N elements of type E to elements of type D, any distances apart.
template <int N, class E, class D>
void move_elements(Thread& t, const Step& s) {
  if (some_off(t, s)) return s.general(t, s);
  const std::uint8_t* from = place(t, s.source[0]);
  std::uint8_t* to = place(t, s);
  D x[N];
  if (s.source[0].shape == Shape::flat) {
    E e[N];
    std::memcpy(e, from, sizeof e);
    for (int c = 0; c < N; ++c) x[c] = static_cast<D>(e[c]);
  } else {
    const int step = s.source[0].shape == Shape::scalar ? 0 : s.source[0].step;
    for (int c = 0; c < N; ++c) x[c] = static_cast<D>(peek<E>(from + c * step));
  }
  if (s.destination.flat) {
    std::memcpy(to, x, sizeof x);
    return;
  }
  for (int c = 0; c < N; ++c) poke(to + c * s.destination.step, x[c]);
}

template <class E, class D>
Run move_form_of(const Step& s) {
  return by_width(s, [](auto n) { return Run{move_elements<decltype(n)::value, E, D>}; });
}
template <class D>
Run move_form_to(const Step& s) {
  const Type from = s.source[0].type;
  if constexpr (std::is_same_v<D, float>) {
    // Unsigned words become floats in another domain.
    switch (from) {
      case Type::ub: return move_form_of<std::uint8_t, D>(s);
      case Type::b: return move_form_of<std::int8_t, D>(s);
      case Type::uw: return move_form_of<std::uint16_t, D>(s);
      case Type::w: return move_form_of<std::int16_t, D>(s);
      case Type::d: return move_form_of<std::int32_t, D>(s);
      default: return nullptr;
    }
  } else {
    switch (from) {
      case Type::ub: return move_form_of<std::uint8_t, D>(s);
      case Type::b: return move_form_of<std::int8_t, D>(s);
      case Type::uw: return move_form_of<std::uint16_t, D>(s);
      case Type::w: return move_form_of<std::int16_t, D>(s);
      case Type::ud: case Type::d: return move_form_of<std::uint32_t, D>(s);
      default: return nullptr;
    }
  }
}

Run move_form(const Step& s) {
  const Source& a = s.source[0];
  if (s.saturate || a.negate || a.invert || a.shape == Shape::rows) return nullptr;
  if (s.domain == Domain::int64) return s.channels == 1 && !is_float(s.destination.type) ? one_integer_form<Move>(s) : nullptr;
  if (s.domain != Domain::int32) return nullptr;
  switch (s.destination.type) {
    case Type::ub: case Type::b: return move_form_to<std::uint8_t>(s);
    case Type::uw: case Type::w: return move_form_to<std::uint16_t>(s);
    case Type::ud: case Type::d: return move_form_to<std::uint32_t>(s);
    case Type::f: return move_form_to<float>(s);
    default: return nullptr;
  }
}

bool compares(Condition condition, std::int64_t a, std::int64_t b) {
  switch (condition) {
    case Condition::eq: return a == b;
    case Condition::ne: return a != b;
    case Condition::gt: return a > b;
    case Condition::ge: return a >= b;
    case Condition::lt: return a < b;
    default: return a <= b;
  }
}

/// Both sources one for all channels: so is the result.
void compare_scalars(Thread& t, const Step& s) {
  std::uint32_t mask = execution_mask(t, s);
  if (s.predicate != Predicate::none) mask &= predicate_mask(t, s, mask);
  const auto load = [&](const Source& x) {
    const auto value = static_cast<std::int64_t>(wide_scalar(t, x));
    return x.negate ? -value : value;
  };
  std::uint8_t* flags = t.r + RegisterFile::flag + 2 * s.flag;
  const std::uint64_t old = peek<std::uint64_t>(flags), changed = std::uint64_t{mask} << s.first_channel;
  poke(flags, compares(s.condition, load(s.source[0]), load(s.source[1])) ? old | changed : old & ~changed);
}

/// Elements up to 32 bits compare in 64 as they do in the domain that was chosen for them.
Run compare_form(const Step& s) {
  if (!s.destination.none || s.condition < Condition::eq || s.condition > Condition::le) return nullptr;
  for (int k = 0; k < 2; ++k) {
    if (!is_scalar(s.source[k]) || is_float(s.source[k].type) || size_of(s.source[k].type) > 4) return nullptr;
  }
  return compare_scalars;
}
