#include "samples/exif.h"

#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "samples/byte_reader.h"

namespace xpuq::samples {
namespace {

using Bytes = std::span<const std::byte>;

/// The orientation from a TIFF block ("II*\0" or "MM\0*", then the offset of the first directory).
int orientation_of_tiff(Bytes tiff) {
  if (tiff.size() < 8) return 1;
  const bool little = tiff[0] == std::byte{'I'};
  const auto u16 = [&](std::size_t at) { return little ? read_le16(tiff, at) : read_be16(tiff, at); };
  const auto u32 = [&](std::size_t at) { return little ? read_le32(tiff, at) : read_be32(tiff, at); };
  if (u16(2) != 42) return 1;
  const std::size_t directory = u32(4);
  if (directory > tiff.size() || tiff.size() - directory < 2) return 1;
  const std::size_t count = u16(directory);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t entry = directory + 2 + 12 * i;
    if (entry + 12 > tiff.size()) return 1;
    constexpr unsigned kOrientation = 0x0112, kShort = 3;
    if (u16(entry) != kOrientation) continue;
    const unsigned value = u16(entry + 2) == kShort ? u16(entry + 8) : 1;
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

bool matches(Bytes bytes, std::size_t at, std::string_view text) {
  return at + text.size() <= bytes.size() && std::memcmp(bytes.data() + at, text.data(), text.size()) == 0;
}

int orientation_of_jpeg(Bytes file) {
  constexpr std::string_view signature("Exif\0\0", 6);
  std::size_t at = 2;
  while (at + 4 <= file.size() && file[at] == std::byte{0xff}) {
    const auto marker = std::to_integer<unsigned>(file[at + 1]);
    if (marker == 0xff) {
      ++at;
      continue;
    }                                                    // fill byte
    if (marker == 0xda || marker == 0xd9) return 1;      // pixels begin, or the end
    const std::size_t length = read_be16(file, at + 2);  // counts itself
    if (length < 2 || at + 2 + length > file.size()) return 1;
    if (marker == 0xe1 && length >= 2 + signature.size() && matches(file, at + 4, signature))
      return orientation_of_tiff(file.subspan(at + 4 + signature.size(), length - 2 - signature.size()));
    at += 2 + length;
  }
  return 1;
}

int orientation_of_png(Bytes file) {
  std::size_t at = 8;
  while (at + 12 <= file.size()) {
    const std::size_t length = read_be32(file, at);
    if (length > file.size() - at - 12) return 1;
    if (matches(file, at + 4, "eXIf")) return orientation_of_tiff(file.subspan(at + 8, length));
    at += 12 + length;
  }
  return 1;
}

}  // namespace

int exif_orientation(Bytes file) {
  switch (sniff_image(file)) {
    case ImageFormat::jpeg: return orientation_of_jpeg(file);
    case ImageFormat::png: return orientation_of_png(file);
    default: return 1;
  }
}

Image orient(Image image, int orientation) {
  if (orientation < 2 || orientation > 8) return image;
  const bool swap_axes = orientation >= 5;
  Image out =
      make_image(swap_axes ? image.height : image.width, swap_axes ? image.width : image.height, image.channels);
  // Stored (sx, sy) of the upright (x, y), by the table of the EXIF standard.
  const bool flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const auto channels = static_cast<std::size_t>(image.channels);
  std::uint8_t* to = out.pixels.data();
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x, to += channels) {
      const int u = swap_axes ? y : x, v = swap_axes ? x : y;
      const int sx = flip_x ? image.width - 1 - u : u, sy = flip_y ? image.height - 1 - v : v;
      std::memcpy(to, image.row(sy) + static_cast<std::size_t>(sx) * channels, channels);
    }
  }
  return out;
}

}  // namespace xpuq::samples
