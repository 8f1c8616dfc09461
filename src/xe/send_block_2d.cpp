// 2D block messages: a rectangle of a row-major surface; columns and rows outside read as zero and are not written.
// Source: vISA, documentation/visa/instructions/LSC_TYPED and LSC_UNTYPED (block2d) of intel-graphics-compiler; PRM Xe2
// volume 9, "2D Block Load".
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "xe/send.h"

namespace xpuq::xe {
namespace {

int signed_bits(std::uint32_t value, int bits) {
  const std::uint32_t low = value & ((1u << bits) - 1);
  return static_cast<int>(low) - ((low >> (bits - 1) & 1) != 0 ? 1 << bits : 0);
}

struct Rectangle {
  std::uint64_t base;
  std::int64_t width, height, pitch;  ///< of the surface; width and pitch in bytes
  int x, y, columns, rows, blocks, element;
  bool transposed, packed;            ///< packed: VNNI, rows interleaved into 32 bits

  /// Lines of a block's registers are padded to a power of two.
  int line_elements() const { return static_cast<int>(std::bit_ceil(static_cast<unsigned>(transposed ? rows : columns))); }
  /// Element of a block's registers where (column, row) lies.
  int place(int column, int row) const {
    const int per_word = 4 / element, line = line_elements();
    if (!transposed && !packed) return row * line + column;
    if (!transposed) return row / per_word * per_word * line + column * per_word + row % per_word;
    if (!packed) return column * line + row;
    return column / per_word * per_word * line + row * per_word + column % per_word;
  }
  /// What the unit does not take; null: it takes it. Source: oneDNN, src/gpu/intel/jit/ir/block_2d_utils.hpp (pitch: the
  /// weakest of the parts). Its least width and pitch are not asked for: oneDNN's products have surfaces of 32 bytes at
  /// edges, and of 40 for ten outputs.
  const char* refused() const {
    const int word = std::max(4, element);
    if (columns * element * blocks > 64 || rows > 32 || columns * element % 4 != 0) return "size of the block";
    if (base % 64 != 0) return "base that is no multiple of 64";
    if (width % word != 0) return "width of the surface";
    if (pitch < width || pitch % 8 != 0) return "pitch of the surface";
    if (std::int64_t{x} * element % 4 != 0) return "column";
    return nullptr;
  }
  int block_elements(int register_bytes) const {
    const int per_word = std::max(4 / element, 1), per_register = register_bytes / element;
    int lines = transposed ? columns : rows;
    if (packed) lines = (lines + per_word - 1) / per_word * per_word;
    return (line_elements() * lines + per_register - 1) / per_register * per_register;
  }
};

template <class E>
void spread(std::uint8_t* to, const std::uint8_t* from, int count, int step) {
  for (int x = 0; x < count; ++x) std::memcpy(to + static_cast<std::size_t>(x * step) * sizeof(E), from + static_cast<std::size_t>(x) * sizeof(E), sizeof(E));
}

/// Host bytes of the part of each row that the surface has; null for rows outside. False after a failure.
bool find_lines(Message& m, const Rectangle& r, std::int64_t column, std::uint64_t length, bool store, std::array<std::uint8_t*, 32>& lines) {
  const std::int64_t top = std::max<std::int64_t>(0, -std::int64_t{r.y}), bottom = std::min<std::int64_t>(r.rows, r.height - r.y);
  if (top >= bottom) return true;
  const auto from = [&](std::int64_t y) { return r.base + static_cast<std::uint64_t>((r.y + y) * r.pitch + column); };
  AddressSpace& space = m.thread.worker->space;
  if (std::uint8_t* host = space.whole(from(top), from(bottom - 1) + length, store)) {
    (store ? space.bytes_written : space.bytes_read) += length * static_cast<std::uint64_t>(bottom - top);
    for (std::int64_t y = top; y < bottom; ++y) lines[static_cast<std::size_t>(y)] = host + (y - top) * r.pitch;
    return true;
  }
  for (std::int64_t y = top; y < bottom; ++y) {
    std::uint8_t* p = store ? m.write(from(y), length) : const_cast<std::uint8_t*>(m.read(from(y), length));
    if (!p) return false;
    lines[static_cast<std::size_t>(y)] = p;
  }
  return true;
}

/// Columns [first, end) of one row to or from the registers of a block.
void move_line(const Rectangle& r, std::uint8_t* line, std::uint8_t* block, int first, int end, int y, bool store) {
  std::uint8_t* e = block + static_cast<std::size_t>(r.place(first, y) * r.element);
  const auto length = static_cast<std::size_t>((end - first) * r.element);
  if (store) {
    std::memcpy(line, e, length);
  } else if (!r.transposed) {
    std::memcpy(e, line, length);
  } else if (!r.packed) {
    const int step = r.line_elements();
    switch (r.element) {
      case 1: return spread<std::uint8_t>(e, line, end - first, step);
      case 2: return spread<std::uint16_t>(e, line, end - first, step);
      case 4: return spread<std::uint32_t>(e, line, end - first, step);
      default: return spread<std::uint64_t>(e, line, end - first, step);
    }
  } else {
    for (int x = first; x < end; ++x) {
      std::memcpy(block + static_cast<std::size_t>(r.place(x, y) * r.element), line + (x - first) * r.element, static_cast<std::size_t>(r.element));
    }
  }
}

/// Bytes of four rows, or 16-bit numbers of two, become words of 32 bits.
void pack(const Rectangle& r, const std::array<std::uint8_t*, 32>& lines, std::uint8_t* block, int first, int end) {
  static constexpr std::uint8_t kOutside[64] = {};
  const int per_word = 4 / r.element;
  for (int y = 0; y < r.rows; y += per_word) {
    const std::uint8_t* row[4];
    for (int k = 0; k < per_word; ++k) row[k] = y + k < r.rows && lines[static_cast<std::size_t>(y + k)] ? lines[static_cast<std::size_t>(y + k)] : kOutside;
    std::uint8_t* to = block + static_cast<std::size_t>(r.place(first, y) * r.element);
    int x = 0;
#if defined(__SSE2__)
    const auto load = [&](int k) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(row[k] + x * r.element)); };
    const auto put = [&](int k, __m128i v) { _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 4 * x + 16 * k), v); };
    for (; x + 16 / r.element <= end - first; x += 16 / r.element) {
      if (r.element == 2) {
        const __m128i a = load(0), b = load(1);
        put(0, _mm_unpacklo_epi16(a, b));
        put(1, _mm_unpackhi_epi16(a, b));
      } else {
        const __m128i a = load(0), b = load(1), c = load(2), d = load(3);
        const __m128i ab = _mm_unpacklo_epi8(a, b), cd = _mm_unpacklo_epi8(c, d), AB = _mm_unpackhi_epi8(a, b), CD = _mm_unpackhi_epi8(c, d);
        put(0, _mm_unpacklo_epi16(ab, cd));
        put(1, _mm_unpackhi_epi16(ab, cd));
        put(2, _mm_unpacklo_epi16(AB, CD));
        put(3, _mm_unpackhi_epi16(AB, CD));
      }
    }
#endif
    for (; x < end - first; ++x) {
      for (int k = 0; k < per_word; ++k) std::memcpy(to + 4 * x + k * r.element, row[k] + x * r.element, static_cast<std::size_t>(r.element));
    }
  }
}

}  // namespace

void block_2d(Message& m) {
  if ((m.mask & 1) == 0) return;  // the register keeps what it has
  const bool store = (m.descriptor & 63) == 7;
  if (!store && m.step.destination.none) return;  // a prefetch
  if (!m.fits_address(32)) return;
  const std::uint8_t* p = m.address;
  const std::uint32_t type = m.descriptor >> 9 & 7, shape = peek<std::uint32_t>(p + 28);
  Rectangle r{};
  r.base = peek<std::uint64_t>(p);
  r.width = std::int64_t{peek<std::uint32_t>(p + 8)} + 1;
  r.height = std::int64_t{peek<std::uint32_t>(p + 12)} + 1;
  r.pitch = std::int64_t{peek<std::uint32_t>(p + 16)} + 1;
  // Xe2 and later add offsets from the extended descriptor.
  r.x = static_cast<int>(static_cast<std::uint32_t>(peek<std::int32_t>(p + 20)) + static_cast<std::uint32_t>(signed_bits(m.extended >> 12, 10)));
  r.y = static_cast<int>(static_cast<std::uint32_t>(peek<std::int32_t>(p + 24)) + static_cast<std::uint32_t>(signed_bits(m.extended >> 22, 10)));
  r.columns = static_cast<int>(shape & 255) + 1;
  r.rows = static_cast<int>(shape >> 8 & 255) + 1;
  r.blocks = static_cast<int>(shape >> 16 & 15) + 1;
  r.transposed = (m.descriptor >> 15 & 1) != 0;
  r.packed = (m.descriptor >> 7 & 1) != 0;
  if (type > 3) return m.unknown("element size of a 2D block");
  r.element = 1 << type;
  if (r.packed && r.element > 2) return m.unknown("packed 2D block");
  if (store && (r.blocks != 1 || r.transposed || r.packed)) return m.unknown("2D block store");
  if (const char* what = r.refused()) {
    return fail(m.thread, std::string("a 2D block message that the hardware does not take: ") + what,
                std::to_string(r.columns) + " x " + std::to_string(r.rows) + " x " + std::to_string(r.blocks) + " at column " + std::to_string(r.x) + " of " + std::to_string(r.width) + " bytes, pitch " + std::to_string(r.pitch));
  }
  const int block = r.block_elements(m.thread.worker->register_bytes);
  const auto bytes = static_cast<std::uint64_t>(block) * static_cast<std::uint64_t>(r.blocks * r.element);
  if (store ? !m.fits_data(bytes) : !m.fits_destination(bytes)) return;
  std::uint8_t* reg = store ? const_cast<std::uint8_t*>(m.data) : m.destination();
  if (!store) std::memset(reg, 0, bytes);
  for (int b = 0; b < r.blocks; ++b) {
    const std::int64_t left = (std::int64_t{r.x} + b * r.columns) * r.element;
    const int first = left < 0 ? static_cast<int>(std::min<std::int64_t>((-left + r.element - 1) / r.element, r.columns)) : 0;
    const int end = left + r.element > r.width ? 0 : static_cast<int>(std::min<std::int64_t>(r.columns, (r.width - left) / r.element));
    if (first >= end) continue;
    std::array<std::uint8_t*, 32> lines{};
    if (!find_lines(m, r, left + first * r.element, static_cast<std::uint64_t>((end - first) * r.element), store, lines)) return;
    std::uint8_t* of_block = reg + static_cast<std::size_t>(b * block * r.element);
    if (r.packed && !r.transposed) {
      pack(r, lines, of_block, first, end);
      continue;
    }
    for (int y = 0; y < r.rows; ++y) {
      if (lines[static_cast<std::size_t>(y)]) move_line(r, lines[static_cast<std::size_t>(y)], of_block, first, end, y, store);
    }
  }
}

}  // namespace xpuq::xe
