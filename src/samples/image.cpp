#include "samples/image.h"

#include <array>
#include <cstring>
#include <utility>

#include "samples/decoders.h"
#include "samples/exif.h"
#include "samples/sample_error.h"

namespace xpuq::samples {
namespace {

bool starts_with(Bytes bytes, std::string_view magic, std::size_t at = 0) {
  return bytes.size() >= at + magic.size() && std::memcmp(bytes.data() + at, magic.data(), magic.size()) == 0;
}

std::string hex_of_first_bytes(Bytes bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out = "bytes";
  for (std::size_t i = 0; i < bytes.size() && i < 8; ++i) {
    const auto b = std::to_integer<unsigned>(bytes[i]);
    out += {' ', digits[b >> 4], digits[b & 15]};
  }
  return bytes.empty() ? "an empty file" : out;
}

Result<Image> decode_by_format(Bytes bytes, const std::string& name, const DecodeOptions& options) {
  switch (sniff_image(bytes)) {
    case ImageFormat::jpeg: return decode_jpeg(bytes, name);
    case ImageFormat::png: return decode_png(bytes, name, options.depth16);
    case ImageFormat::bmp: return decode_bmp(bytes, name);
    case ImageFormat::pnm: return decode_pnm(bytes, name, options.depth16);
    case ImageFormat::webp:
      return make_error(kUndecodable, name, "WebP pictures are not supported by this build", "WebP",
                        std::string(supported_image_formats()), "convert it to PNG");
    case ImageFormat::tiff:
      return make_error(kUndecodable, name, "TIFF pictures are not supported by this build", "TIFF",
                        std::string(supported_image_formats()), "convert it to PNG");
    case ImageFormat::unknown: break;
  }
  return make_error(kUndecodable, name, "not a picture in a known format", hex_of_first_bytes(bytes),
                    std::string(supported_image_formats()), "convert it to JPEG or PNG");
}

}  // namespace

Image make_image(int width, int height, int channels) {
  Image image{.width = width, .height = height, .channels = channels, .pixels = {}};
  image.pixels.resize(image.row_bytes() * static_cast<std::size_t>(height));
  return image;
}

ImageFormat sniff_image(Bytes bytes) {
  if (starts_with(bytes, "\xff\xd8\xff")) return ImageFormat::jpeg;
  if (starts_with(bytes, "\x89PNG\r\n\x1a\n")) return ImageFormat::png;
  if (starts_with(bytes, "RIFF") && starts_with(bytes, "WEBP", 8)) return ImageFormat::webp;
  if (starts_with(bytes, std::string_view("II*\0", 4)) || starts_with(bytes, std::string_view("MM\0*", 4)))
    return ImageFormat::tiff;
  if (starts_with(bytes, "BM")) return ImageFormat::bmp;
  for (std::string_view magic : {"P2", "P3", "P5", "P6"})
    if (starts_with(bytes, magic)) return ImageFormat::pnm;
  return ImageFormat::unknown;
}

bool has_image_suffix(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return false;
  std::string suffix;
  for (char c : name.substr(dot)) suffix += (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
  static constexpr std::array<std::string_view, 8> known{".jpg", ".jpeg", ".jpe", ".png",
                                                         ".bmp", ".ppm",  ".pgm", ".pnm"};
  for (std::string_view s : known)
    if (suffix == s) return true;
  return false;
}

std::string_view supported_image_formats() { return "JPEG, PNG, BMP, PPM (WebP and TIFF are not built in)"; }

Result<void> check_picture_size(std::int64_t width, std::int64_t height, const std::string& name) {
  // Each side is bounded first, so that the product cannot overflow and each fits an int.
  if (width > 0 && height > 0 && width <= kMaxPixels && height <= kMaxPixels && width * height <= kMaxPixels) return {};
  return make_error(kUndecodable, name, "the picture's size is out of range",
                    std::to_string(width) + "x" + std::to_string(height),
                    "at least 1x1 and at most 2^28 (268435456) pixels", "shrink it beforehand");
}

Error truncated_picture(const std::string& name, const char* format) {
  return make_error(kUndecodable, name, std::string("truncated ") + format + " file", "the file ends before its pixels",
                    {}, "copy the file again, or remove it");
}

Error sixteen_bit_picture(const std::string& name) {
  return make_error(kUndecodable, name, "the picture has 16 bits a sample", {}, "8 bits a sample",
                    "--depth16 high (keep the high byte) or --depth16 clamp (cut at 255)");
}

Result<Image> decode_image(Bytes bytes, const std::string& name, const DecodeOptions& options) {
  Result<Image> image = decode_by_format(bytes, name, options);
  if (image.ok() && options.exif == ExifOrientation::apply)
    return orient(std::move(image).value(), exif_orientation(bytes));
  return image;
}

Image to_rgb(Image image) {
  if (image.channels == 3) return image;
  Image out = make_image(image.width, image.height, 3);
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    for (std::size_t c = 0; c < 3; ++c) out.pixels[3 * i + c] = image.pixels[i];
  return out;
}

Image to_gray(Image image) {
  if (image.channels == 1) return image;
  Image out = make_image(image.width, image.height, 1);
  for (std::size_t i = 0; i < out.pixels.size(); ++i) {
    const std::uint8_t* p = image.pixels.data() + 3 * i;
    out.pixels[i] = static_cast<std::uint8_t>((19595u * p[0] + 38470u * p[1] + 7471u * p[2] + 32768u) >> 16);
  }
  return out;
}

}  // namespace xpuq::samples
