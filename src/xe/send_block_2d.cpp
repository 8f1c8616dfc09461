// 2D block messages: a rectangle of a row-major surface; columns and rows outside read as zero and are not written.
// Source: vISA, documentation/visa/instructions/LSC_TYPED and LSC_UNTYPED (block2d) of intel-graphics-compiler; PRM Xe2
// volume 9, "2D Block Load".
#include <algorithm>
#include <bit>
#include <cstring>

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
  /// From one column to the next, in elements; 0 where that is not constant.
  int column_step() const {
    if (!transposed) return packed ? 4 / element : 1;
    return packed ? 0 : line_elements();
  }
  /// What the unit does not take; null: it takes it. Source: oneDNN, src/gpu/intel/jit/ir/block_2d_utils.hpp (pitch: the
  /// weakest of the parts); its least width is not asked for, since oneDNN's products have surfaces of 32 bytes at edges.
  const char* refused() const {
    const int word = std::max(4, element);
    if (columns * element * blocks > 64 || rows > 32 || columns * element % 4 != 0) return "size of the block";
    if (base % 64 != 0) return "base that is no multiple of 64";
    if (width % word != 0) return "width of the surface";
    if (pitch < width || pitch < 64 || pitch % 8 != 0) return "pitch of the surface";
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
    int first = left < 0 ? static_cast<int>(std::min<std::int64_t>((-left + r.element - 1) / r.element, r.columns)) : 0;
    const int end = left + r.element > r.width ? 0 : static_cast<int>(std::min<std::int64_t>(r.columns, (r.width - left) / r.element));
    if (first >= end) continue;
    for (int y = 0; y < r.rows; ++y) {
      const std::int64_t line = std::int64_t{r.y} + y;
      if (line < 0 || line >= r.height) continue;
      const std::uint64_t from = r.base + static_cast<std::uint64_t>(line * r.pitch + left + first * r.element);
      const auto length = static_cast<std::uint64_t>((end - first) * r.element);
      std::uint8_t* line_store = nullptr;
      const std::uint8_t* line_load = nullptr;
      if (store) line_store = m.write(from, length);
      else line_load = m.read(from, length);
      if (!line_store && !line_load) return;
      const bool straight = !r.transposed && !r.packed;
      if (straight) {
        std::uint8_t* e = reg + static_cast<std::size_t>(b * block + r.place(first, y)) * static_cast<std::size_t>(r.element);
        if (store) std::memcpy(line_store, e, length);
        else std::memcpy(e, line_load, length);
        continue;
      }
      if (const int step = r.column_step(); step != 0) {
        std::uint8_t* e = reg + static_cast<std::size_t>(b * block + r.place(first, y)) * static_cast<std::size_t>(r.element);
        switch (r.element) {
          case 1: spread<std::uint8_t>(e, line_load, end - first, step); break;
          case 2: spread<std::uint16_t>(e, line_load, end - first, step); break;
          case 4: spread<std::uint32_t>(e, line_load, end - first, step); break;
          default: spread<std::uint64_t>(e, line_load, end - first, step);
        }
        continue;
      }
      for (int x = first; x < end; ++x) {
        std::uint8_t* e = reg + static_cast<std::size_t>(b * block + r.place(x, y)) * static_cast<std::size_t>(r.element);
        std::memcpy(e, line_load + (x - first) * r.element, static_cast<std::size_t>(r.element));
      }
    }
  }
}

}  // namespace xpuq::xe
