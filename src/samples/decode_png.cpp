// PNG through libpng. Palettes and low depths are expanded, alpha and tRNS dropped, no gamma or colour management.
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <utility>

#include <png.h>

#include "samples/decoders.h"
#include "samples/sample_error.h"

namespace xpuq::samples {
namespace {

/// Everything that lives across the longjmp; destroyed by decode_png, outside the jump's reach.
struct Decoder {
  png_structp png = nullptr;
  png_infop info = nullptr;
  Bytes rest;
  bool truncated = false;
  char message[128] = {};
  Image image;
  std::vector<std::uint8_t> wide;  // 16-bit big-endian samples, for Depth16::clamp only
  std::vector<png_bytep> rows;
  ~Decoder() { png_destroy_read_struct(&png, &info, nullptr); }
};

[[noreturn]] void leave(png_structp png, png_const_charp message) {
  auto* d = static_cast<Decoder*>(png_get_error_ptr(png));
  std::snprintf(d->message, sizeof d->message, "%s", message);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void read_bytes(png_structp png, png_bytep to, std::size_t count) {
  auto* d = static_cast<Decoder*>(png_get_io_ptr(png));
  if (count > d->rest.size()) {
    d->truncated = true;
    png_error(png, "the file ends early");
  }
  std::memcpy(to, d->rest.data(), count);
  d->rest = d->rest.subspan(count);
}

// The two frames that longjmp returns to: no object with a destructor lives in them or is created below them.
bool read_header(Decoder& d) {
  if (setjmp(png_jmpbuf(d.png))) return false;
  png_set_read_fn(d.png, &d, read_bytes);
  // Any chunk with a wrong checksum means a damaged file, needed or not; and what libpng would forgive is not forgiven.
  png_set_crc_action(d.png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_benign_errors(d.png, 0);
  // Colour profiles, text and the like do not reach the pixels; skipping them unparsed also forgives their quirks.
  png_set_keep_unknown_chunks(d.png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_set_user_limits(d.png, 0x7fffffff, 0x7fffffff);  // check_picture_size gives the better message
  png_read_info(d.png, d.info);
  return true;
}

bool read_pixels(Decoder& d) {
  if (setjmp(png_jmpbuf(d.png))) return false;
  png_read_image(d.png, d.rows.data());
  png_read_end(d.png, nullptr);
  return true;
}

/// Deflate expands at most 1032 times, so a picture that needs more than that cannot be in the file.
bool too_few_bytes(const Decoder& d, std::uint64_t height, Bytes bytes) {
  return png_get_rowbytes(d.png, d.info) * height > 1040 * std::uint64_t{bytes.size()};
}

Error failure(const Decoder& d, const std::string& name) {
  if (d.truncated) return truncated_picture(name, "PNG");
  return make_error(kUndecodable, name, "damaged PNG file", d.message, {}, "copy the file again, or remove it");
}

/// Asks libpng for 8-bit gray or RGB; 16-bit samples stay only when they are to be clamped.
void set_transformations(Decoder& d, int color, int depth, Depth16 depth16) {
  if (color == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(d.png);
  if (color == PNG_COLOR_TYPE_GRAY && depth < 8) png_set_expand_gray_1_2_4_to_8(d.png);
  png_set_strip_alpha(d.png);
  if (depth == 16 && depth16 == Depth16::high) png_set_strip_16(d.png);
  png_set_interlace_handling(d.png);
}

}  // namespace

Result<Image> decode_png(Bytes bytes, const std::string& name, Depth16 depth16) {
  Decoder d;
  d.rest = bytes;
  d.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &d, leave, on_warning);
  if (d.png != nullptr) d.info = png_create_info_struct(d.png);
  if (d.info == nullptr)
    return make_error(kUndecodable, name, "libpng cannot start", "out of memory or another version");

  if (!read_header(d)) return failure(d, name);
  const std::uint32_t width = png_get_image_width(d.png, d.info), height = png_get_image_height(d.png, d.info);
  XPUQ_TRY(check_picture_size(width, height, name));
  if (too_few_bytes(d, height, bytes)) return truncated_picture(name, "PNG");
  const int color = png_get_color_type(d.png, d.info), depth = png_get_bit_depth(d.png, d.info);
  if (color == PNG_COLOR_TYPE_PALETTE && png_get_valid(d.png, d.info, PNG_INFO_PLTE) == 0)
    return make_error(kUndecodable, name, "damaged PNG file", "no palette", {}, "copy the file again, or remove it");
  if (depth == 16 && depth16 == Depth16::stop) return sixteen_bit_picture(name);
  set_transformations(d, color, depth, depth16);

  const bool gray = color == PNG_COLOR_TYPE_GRAY || color == PNG_COLOR_TYPE_GRAY_ALPHA;
  d.image = make_image(static_cast<int>(width), static_cast<int>(height), gray ? 1 : 3);
  const bool clamp = depth == 16 && depth16 == Depth16::clamp;
  if (clamp) d.wide.resize(2 * d.image.pixels.size());
  d.rows.resize(height);
  for (std::uint32_t y = 0; y < height; ++y)
    d.rows[y] = clamp ? d.wide.data() + 2 * d.image.row_bytes() * y : d.image.row(static_cast<int>(y));
  if (!read_pixels(d)) return failure(d, name);
  if (clamp)
    for (std::size_t i = 0; i < d.image.pixels.size(); ++i)
      d.image.pixels[i] = d.wide[2 * i] != 0 ? 255 : d.wide[2 * i + 1];
  return std::move(d.image);
}

}  // namespace xpuq::samples
