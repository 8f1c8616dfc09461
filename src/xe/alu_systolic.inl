// dpas: rows of src2 times columns of src1, added to src0. Included by alu_variant.inl.
// Source: vISA, documentation/visa/instructions/DPAS.md of intel-graphics-compiler.

/// Sub-byte elements: value k of a row, packed lowest first.
ALWAYS_INLINE std::int32_t small_integer(const std::uint8_t* p, int k, Type type) {
  switch (type) {
    case Type::b: return static_cast<std::int8_t>(p[k]);
    case Type::ub: return p[k];
    case Type::s4: return static_cast<std::int8_t>(static_cast<std::uint8_t>(p[k / 2] >> 4 * (k & 1)) << 4) >> 4;
    case Type::u4: return p[k / 2] >> 4 * (k & 1) & 15;
    case Type::s2: return static_cast<std::int8_t>(static_cast<std::uint8_t>(p[k / 4] >> 2 * (k & 3)) << 6) >> 6;
    default: return p[k / 4] >> 2 * (k & 3) & 3;
  }
}

template <bool A, bool B, int N>
ALWAYS_INLINE void byte_rows(const std::uint8_t* w, const std::uint8_t* x, std::int32_t (*sum)[16], int depth, int rows) {
  for (int r = 0; r < rows; ++r) {
    for (int d = 0; d < depth; ++d) {
      for (int c = 0; c < N; ++c) {
        for (int k = 0; k < 4; ++k) {
          const std::uint8_t p = w[(d * N + c) * 4 + k], q = x[(r * depth + d) * 4 + k];
          sum[r][c] += (A ? static_cast<std::int8_t>(p) : p) * (B ? static_cast<std::int8_t>(q) : q);
        }
      }
    }
  }
}

template <int N>
ALWAYS_INLINE void bytes_by_sign(bool a, bool b, const std::uint8_t* w, const std::uint8_t* x, std::int32_t (*sum)[16], int depth, int rows) {
  if (a && b) byte_rows<true, true, N>(w, x, sum, depth, rows);
  else if (a) byte_rows<true, false, N>(w, x, sum, depth, rows);
  else if (b) byte_rows<false, true, N>(w, x, sum, depth, rows);
  else byte_rows<false, false, N>(w, x, sum, depth, rows);
}

ALWAYS_INLINE float small_float(const std::uint8_t* p, Type type) {
  if (type == Type::bf8) return float_of_half(static_cast<std::uint16_t>(*p << 8));
  if (type == Type::hf8) {  // E4M3: a half with eight exponents less, and one pattern that is no number
    if ((*p & 0x7f) == 0x7f) return std::numeric_limits<float>::quiet_NaN();
    return float_of_half(static_cast<std::uint16_t>((*p & 0x80) << 8 | (*p & 0x7f) << 7)) * 256;
  }
  const auto h = peek<std::uint16_t>(p);
  return type == Type::hf ? float_of_half(h) : std::bit_cast<float>(std::uint32_t{h} << 16);
}

void systolic(Thread& t, const Step& s) {
  const int n = s.channels, depth = s.depth, rows = s.repeat;
  const Type wt = s.source[1].type, xt = s.source[2].type;
  const std::uint8_t* w = t.r + s.source[1].base;
  const SystolicShape shape = systolic_shape(wt, xt, depth);
  // The rows of src2: all in this thread, or for dpasw the first half of the registers in the pair's even thread and the
  // rest in the odd (vISA, DPASW.md).
  std::uint8_t gathered[8 * 32];
  const std::uint8_t* x = t.r + s.source[2].base;
  if (s.opcode == Opcode::dpasw) {
    const Thread* even = (t.number & 1) != 0 ? t.pair : &t;
    const Thread* odd = (t.number & 1) != 0 ? &t : t.pair;
    const int all = rows * shape.row_bytes, first = std::min(all, ((all + 31) / 32 + 1) / 2 * 32);
    std::memcpy(gathered, even->r + s.source[2].base, static_cast<std::size_t>(first));
    std::memcpy(gathered + first, odd->r + s.source[2].base, static_cast<std::size_t>(all - first));
    x = gathered;
  }
  const Destination& d = s.destination;
  if (!is_float(wt)) {
    alignas(32) std::int32_t sum[8][16];
    for (int r = 0; r < rows; ++r) {
      if (s.source[0].type == Type::none) std::memset(sum[r], 0, static_cast<std::size_t>(4 * n));
      else std::memcpy(sum[r], t.r + s.source[0].base + r * 4 * n, static_cast<std::size_t>(4 * n));
    }
    if (s.saturate || bits_of(wt) != 8 || bits_of(xt) != 8) {
      for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < n; ++c) {
          std::int64_t total = d.type == Type::ud ? std::int64_t{static_cast<std::uint32_t>(sum[r][c])} : sum[r][c];
          for (int e = 0; e < depth; ++e) {
            const std::uint8_t* word = w + (e / shape.steps_per_word * n + c) * 4;
            for (int k = 0; k < shape.products; ++k) {
              total += std::int64_t{small_integer(word, e % shape.steps_per_word * shape.products + k, wt)} * small_integer(x + r * shape.row_bytes, e * shape.products + k, xt);
            }
          }
          if (s.saturate) total = std::min<std::int64_t>(std::max<std::int64_t>(total, lowest_of(d.type)), static_cast<std::int64_t>(highest_of(d.type)));
          sum[r][c] = static_cast<std::int32_t>(total);
        }
      }
    } else if (n == 16) {
      bytes_by_sign<16>(is_signed(wt), is_signed(xt), w, x, sum, depth, rows);
    } else {
      bytes_by_sign<8>(is_signed(wt), is_signed(xt), w, x, sum, depth, rows);
    }
    for (int r = 0; r < rows; ++r) std::memcpy(t.r + d.base + r * 4 * n, sum[r], static_cast<std::size_t>(4 * n));
    return;
  }
  // Floats: one after the other in single precision. The hardware's order inside a systolic step is not published.
  for (int r = 0; r < rows; ++r) {
    float sum[16] = {};
    const int from_bytes = s.source[0].type == Type::none ? 0 : size_of(s.source[0].type);
    const std::uint8_t* from = t.r + s.source[0].base + r * from_bytes * n;
    if (from_bytes == 4) std::memcpy(sum, from, static_cast<std::size_t>(4 * n));
    if (from_bytes == 2) {
      for (int c = 0; c < n; ++c) sum[c] = small_float(from + 2 * c, s.source[0].type);
    }
    for (int e = 0; e < depth; ++e) {
      if (size_of(wt) == 4) {
        // tf32 has ten bits of fraction, whatever lies below.
        const auto number = [](const std::uint8_t* p) { return std::bit_cast<float>(peek<std::uint32_t>(p) & ~0x1fffu); };
        const float y = number(x + (r * depth + e) * 4);
        for (int c = 0; c < n; ++c) sum[c] += number(w + (e * n + c) * 4) * y;
        continue;
      }
      const int size = size_of(wt), count = 4 / size;
      for (int k = 0; k < count; ++k) {
        const float y = small_float(x + (r * depth + e) * 4 + size * k, xt);
        for (int c = 0; c < n; ++c) sum[c] += small_float(w + (e * n + c) * 4 + size * k, wt) * y;
      }
    }
    std::uint8_t* to = t.r + d.base + r * size_of(d.type) * n;
    for (int c = 0; c < n; ++c) {
      if (d.type == Type::f) poke(to + 4 * c, sum[c]);
      else poke(to + 2 * c, d.type == Type::hf ? half_of_float(sum[c]) : bfloat_of_float(sum[c]));
    }
  }
}
