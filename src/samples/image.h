// Pictures as bytes: decoding by content, orientation, and the two colour conversions that Pillow's convert() makes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xpuq/result.h"

namespace xpuq::samples {

/// Most pixels of any picture, decoded or resized. More is refused: nothing that a network eats is larger, and a
/// header of a few bytes must not be able to claim all memory.
inline constexpr std::int64_t kMaxPixels = std::int64_t{1} << 28;

/// 8-bit picture, row-major, channels interleaved, no padding between rows: pixels[(y * width + x) * channels + c].
struct Image {
  int width = 0;
  int height = 0;
  int channels = 3;  ///< 1 (gray) or 3 (R, G, B)
  std::vector<std::uint8_t> pixels;

  std::size_t row_bytes() const { return static_cast<std::size_t>(width) * static_cast<std::size_t>(channels); }
  const std::uint8_t* row(int y) const { return pixels.data() + static_cast<std::size_t>(y) * row_bytes(); }
  std::uint8_t* row(int y) { return pixels.data() + static_cast<std::size_t>(y) * row_bytes(); }
};

/// An image of zeros. The caller has checked the size against kMaxPixels.
Image make_image(int width, int height, int channels);

enum class ExifOrientation : std::uint8_t { ignore, apply };
/// What becomes of 16-bit samples: an error, their high byte, or min(sample, 255).
enum class Depth16 : std::uint8_t { stop, high, clamp };

struct DecodeOptions {
  ExifOrientation exif = ExifOrientation::ignore;
  Depth16 depth16 = Depth16::stop;
};

enum class ImageFormat : std::uint8_t { unknown, jpeg, png, bmp, pnm, webp, tiff };
/// Told from the first bytes (twelve are enough).
ImageFormat sniff_image(std::span<const std::byte> bytes);

/// Whether a file of this name is taken as a picture when found in a folder (.jpg .jpeg .png .bmp .ppm .pgm, any case).
bool has_image_suffix(std::string_view name);
/// "JPEG, PNG, BMP, PPM (WebP and TIFF are not built in)", for messages.
std::string_view supported_image_formats();

/// Decodes a whole file. Gray stays one channel, everything else (palette, CMYK, alpha dropped) becomes RGB.
/// JPEG is decoded as libjpeg-turbo does by default (accurate IDCT, fancy upsampling), no colour management.
/// Errors: E102 with `name` when the bytes are no picture, truncated, damaged (CRC included) or above kMaxPixels.
Result<Image> decode_image(std::span<const std::byte> bytes, const std::string& name,
                           const DecodeOptions& options = {});

/// Gray is copied to three channels; RGB is returned as it is.
Image to_rgb(Image image);
/// (19595 R + 38470 G + 7471 B + 32768) >> 16, Pillow's L24; gray is returned as it is.
Image to_gray(Image image);

}  // namespace xpuq::samples
