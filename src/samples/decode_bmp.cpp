// Uncompressed BMP: 1, 4 and 8-bit palettes, 16 bits (5-5-5 and 5-6-5), 24 and 32 bits, bottom-up and top-down.
// Layout from the Windows documentation of BITMAPFILEHEADER and BITMAPINFOHEADER; the expansion of 5 and 6-bit
// samples is Pillow's (v * 255 / 31, truncated).
#include <array>
#include <utility>

#include "samples/byte_reader.h"
#include "samples/decoders.h"
#include "samples/sample_error.h"

namespace xpuq::samples {
namespace {

constexpr std::uint32_t kRgb = 0, kBitfields = 3;

struct Header {
  std::int64_t width = 0, height = 0;
  bool top_down = false;
  unsigned bits = 0;
  std::array<std::uint32_t, 3> masks{};           // red, green, blue; 16 and 32 bits only
  std::size_t palette_at = 0, palette_entry = 4;  // bytes
  std::size_t palette_count = 0;
  std::size_t pixels_at = 0;
};

Error unsupported(const std::string& name, std::string got) {
  return make_error(kUndecodable, name, "unsupported kind of BMP", std::move(got),
                    "uncompressed, 1, 4, 8, 16, 24 or 32 bits a pixel", "convert it to PNG");
}

Result<Header> read_header(Bytes b, const std::string& name) {
  if (b.size() < 26) return truncated_picture(name, "BMP");
  Header h;
  h.pixels_at = read_le32(b, 10);
  const std::size_t size = read_le32(b, 14);
  std::uint32_t compression = kRgb, colors_used = 0;
  if (size == 12) {  // OS/2
    h.width = read_le16(b, 18);
    h.height = read_le16(b, 20);
    h.bits = read_le16(b, 24);
    h.palette_entry = 3;
  } else if (size >= 40 && size <= 1024) {
    if (b.size() < 14 + size) return truncated_picture(name, "BMP");
    h.width = static_cast<std::int32_t>(read_le32(b, 18));
    h.height = static_cast<std::int32_t>(read_le32(b, 22));
    h.bits = read_le16(b, 28);
    compression = read_le32(b, 30);
    colors_used = read_le32(b, 46);
  } else {
    return unsupported(name, "a header of " + std::to_string(size) + " bytes");
  }
  if (h.height < 0) {
    h.top_down = true;
    h.height = -h.height;
  }
  XPUQ_TRY(check_picture_size(h.width, h.height, name));
  h.palette_at = 14 + size;
  if (compression == kBitfields && (h.bits == 16 || h.bits == 32)) {
    if (b.size() < 14 + 40 + 12) return truncated_picture(name, "BMP");
    for (std::size_t i = 0; i < 3; ++i) h.masks[i] = read_le32(b, 54 + 4 * i);
  } else if (compression != kRgb) {
    return unsupported(name, "compression " + std::to_string(compression));
  } else {
    h.masks = h.bits == 16 ? std::array<std::uint32_t, 3>{0x7c00, 0x3e0, 0x1f}
                           : std::array<std::uint32_t, 3>{0xff0000, 0xff00, 0xff};
  }
  if (h.bits == 1 || h.bits == 4 || h.bits == 8) {
    h.palette_count = colors_used != 0 ? colors_used : std::size_t{1} << h.bits;
    if (h.palette_count > std::size_t{1} << h.bits)
      return make_error(kUndecodable, name, "damaged BMP file", std::to_string(colors_used) + " palette entries");
    if (b.size() < h.palette_at + h.palette_entry * h.palette_count) return truncated_picture(name, "BMP");
  } else if (h.bits != 16 && h.bits != 24 && h.bits != 32) {
    return unsupported(name, std::to_string(h.bits) + " bits a pixel");
  }
  return h;
}

/// A sample cut out by its mask, spread to 0..255. An empty mask gives 0.
std::uint8_t sample(std::uint32_t pixel, std::uint32_t mask) {
  if (mask == 0) return 0;
  const int shift = __builtin_ctz(mask);
  const std::uint64_t top = mask >> shift;
  return static_cast<std::uint8_t>(((pixel & mask) >> shift) * std::uint64_t{255} / top);
}

/// False when the row names a palette entry that the file lacks.
bool unpack_row(const Header& h, Bytes file, Bytes row, std::uint8_t* to) {
  for (std::size_t x = 0; x < static_cast<std::size_t>(h.width); ++x, to += 3) {
    if (h.bits <= 8) {
      const std::size_t bit = x * h.bits;
      const std::size_t index = byte_at(row, bit / 8) >> (8 - h.bits - bit % 8) & ((1u << h.bits) - 1);
      if (index >= h.palette_count) return false;
      const std::size_t entry = h.palette_at + h.palette_entry * index;
      for (std::size_t c = 0; c < 3; ++c) to[c] = static_cast<std::uint8_t>(byte_at(file, entry + 2 - c));
    } else if (h.bits == 24) {
      for (std::size_t c = 0; c < 3; ++c) to[c] = static_cast<std::uint8_t>(byte_at(row, 3 * x + 2 - c));
    } else {
      const std::uint32_t pixel = h.bits == 16 ? read_le16(row, 2 * x) : read_le32(row, 4 * x);
      for (std::size_t c = 0; c < 3; ++c) to[c] = sample(pixel, h.masks[c]);
    }
  }
  return true;
}

}  // namespace

Result<Image> decode_bmp(Bytes bytes, const std::string& name) {
  XPUQ_ASSIGN(const Header h, read_header(bytes, name));
  const std::uint64_t stride = (static_cast<std::uint64_t>(h.width) * h.bits + 31) / 32 * 4;
  const auto height = static_cast<std::uint64_t>(h.height);
  if (h.pixels_at > bytes.size() || stride * height > bytes.size() - h.pixels_at) return truncated_picture(name, "BMP");
  Image image = make_image(static_cast<int>(h.width), static_cast<int>(h.height), 3);
  for (std::uint64_t i = 0; i < height; ++i) {
    const auto y = static_cast<int>(h.top_down ? i : height - 1 - i);
    if (!unpack_row(h, bytes, bytes.subspan(h.pixels_at + stride * i, stride), image.row(y)))
      return make_error(kUndecodable, name, "damaged BMP file", "a pixel outside the palette");
  }
  return image;
}

}  // namespace xpuq::samples
