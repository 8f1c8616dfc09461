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
  const auto h = peek<std::uint16_t>(p);
  return type == Type::hf ? float_of_half(h) : std::bit_cast<float>(std::uint32_t{h} << 16);
}

void systolic(Thread& t, const Step& s) {
  const int n = s.channels, depth = s.depth, rows = s.repeat;
  const Type wt = s.source[1].type, xt = s.source[2].type;
  const std::uint8_t* w = t.r + s.source[1].base;
  // The rows of src2: all in this thread, or for dpasw the first half in the pair's even thread and the rest in the odd.
  std::uint8_t gathered[8 * 32];
  const std::uint8_t* x = t.r + s.source[2].base;
  if (s.opcode == Opcode::dpasw) {
    const Thread* even = (t.number & 1) != 0 ? t.pair : &t;
    const Thread* odd = (t.number & 1) != 0 ? &t : t.pair;
    const int half = (rows + 1) / 2;
    for (int r = 0; r < rows; ++r) {
      const std::uint8_t* from = r < half ? even->r : odd->r;
      std::memcpy(gathered + r * 4 * depth, from + s.source[2].base + (r < half ? r : r - half) * 4 * depth, static_cast<std::size_t>(4 * depth));
    }
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
      const int per_step = 32 / std::max(bits_of(wt), bits_of(xt));
      const int w_bits = bits_of(wt) * per_step / 8, x_bits = bits_of(xt) * per_step / 8;
      for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < n; ++c) {
          std::int64_t total = sum[r][c];
          for (int e = 0; e < depth; ++e) {
            for (int k = 0; k < per_step; ++k) {
              total += std::int64_t{small_integer(w + (e * n + c) * w_bits, k, wt)} * small_integer(x + (r * depth + e) * x_bits, k, xt);
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
        const auto y = peek<float>(x + (r * depth + e) * 4);
        for (int c = 0; c < n; ++c) sum[c] += peek<float>(w + (e * n + c) * 4) * y;
        continue;
      }
      for (int k = 0; k < 2; ++k) {
        const float y = small_float(x + (r * depth + e) * 4 + 2 * k, xt);
        for (int c = 0; c < n; ++c) sum[c] += small_float(w + (e * n + c) * 4 + 2 * k, wt) * y;
      }
    }
    std::uint8_t* to = t.r + d.base + r * size_of(d.type) * n;
    for (int c = 0; c < n; ++c) {
      if (d.type == Type::f) poke(to + 4 * c, sum[c]);
      else poke(to + 2 * c, d.type == Type::hf ? half_of_float(sum[c]) : bfloat_of_float(sum[c]));
    }
  }
}
