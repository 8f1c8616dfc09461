// JPEG through libjpeg-turbo with its default settings: JDCT_ISLOW and fancy upsampling, as Pillow.
#include <csetjmp>
#include <cstdio>

#include <jpeglib.h>
// jerror.h defines the codes that tell a harmless warning from lost data.
#include <jerror.h>

#include "samples/decoders.h"
#include "samples/sample_error.h"

namespace xpuq::samples {
namespace {

// A progressive file may repeat scans over the whole picture; a real one has about ten.
constexpr int kMaxScans = 256;

struct ErrorManager {
  jpeg_error_mgr base;  // first: libjpeg hands this back
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
  bool truncated;
  bool too_many_scans;
};

ErrorManager& manager_of(j_common_ptr info) { return *reinterpret_cast<ErrorManager*>(info->err); }

[[noreturn]] void leave(j_common_ptr info) {
  ErrorManager& manager = manager_of(info);
  info->err->format_message(info, manager.message);
  std::longjmp(manager.jump, 1);
}

/// libjpeg goes on with invented pixels after these warnings; to us they are errors. What stays a warning loses
/// nothing: stray bytes before a marker, odd Adobe flags, an unusual progression.
void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER: manager_of(info).truncated = true; leave(info);
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC: leave(info);
    default: break;
  }
}

void on_progress(j_common_ptr info) {
  if (info->is_decompressor && reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > kMaxScans) {
    manager_of(info).too_many_scans = true;
    std::longjmp(manager_of(info).jump, 1);
  }
}

/// Everything that lives across the longjmp; destroyed by decode_jpeg, outside the jump's reach.
struct Decoder {
  jpeg_decompress_struct info{};
  ErrorManager errors{};
  jpeg_progress_mgr progress{};
  Image image;
  std::vector<std::uint8_t> row;  // CMYK only
  ~Decoder() { jpeg_destroy_decompress(&info); }
};

/// round((255-c)(255-k)/255) with c = 255 - stored: Adobe stores CMYK inverted, and Pillow assumes that always.
/// A tie cannot occur, so adding half and dividing is exact.
std::uint8_t of_cmyk(unsigned stored_c, unsigned stored_k) {
  return static_cast<std::uint8_t>((stored_c * stored_k + 127) / 255);
}

/// Huffman coding spends at least a bit on every MCU, so fewer bytes than that cannot hold the picture. Asked before
/// libjpeg allocates coefficients for a size that a small file merely claims.
bool too_few_bytes(const Decoder& d, Bytes bytes) {
  if (d.info.arith_code) return false;
  const auto mcus = [](JDIMENSION size, int samples) {
    return (std::uint64_t{size} + 8u * samples - 1) / (8u * samples);
  };
  return mcus(d.info.image_width, d.info.max_h_samp_factor) * mcus(d.info.image_height, d.info.max_v_samp_factor) >
         8 * std::uint64_t{bytes.size()};
}

void read_pixels(Decoder& d) {
  jpeg_start_decompress(&d.info);
  const bool cmyk = d.info.out_color_space == JCS_CMYK;
  while (d.info.output_scanline < d.info.output_height) {
    std::uint8_t* target = d.image.row(static_cast<int>(d.info.output_scanline));
    JSAMPROW rows[1] = {cmyk ? d.row.data() : target};
    jpeg_read_scanlines(&d.info, rows, 1);
    if (!cmyk) continue;
    for (int x = 0; x < d.image.width; ++x)
      for (int c = 0; c < 3; ++c) target[3 * x + c] = of_cmyk(d.row[4 * x + c], d.row[4 * x + 3]);
  }
  jpeg_finish_decompress(&d.info);
}

// The three frames that longjmp returns to: no object with a destructor lives in them or is created below them.
bool create(Decoder& d) {
  if (setjmp(d.errors.jump)) return false;
  jpeg_create_decompress(&d.info);
  return true;
}

bool read_header(Decoder& d, Bytes bytes) {
  if (setjmp(d.errors.jump)) return false;
  jpeg_mem_src(&d.info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&d.info, TRUE);
  return true;
}

bool decompress(Decoder& d) {
  if (setjmp(d.errors.jump)) return false;
  read_pixels(d);
  return true;
}

Error failure(const Decoder& d, const std::string& name) {
  if (d.errors.truncated) return truncated_picture(name, "JPEG");
  if (d.errors.too_many_scans)
    return make_error(kUndecodable, name, "the JPEG file has too many scans", {},
                      "at most " + std::to_string(kMaxScans), "save it again with another program");
  return make_error(kUndecodable, name, "damaged JPEG file", d.errors.message, {}, "copy the file again, or remove it");
}

}  // namespace

Result<Image> decode_jpeg(Bytes bytes, const std::string& name) {
  Decoder d;
  d.info.err = jpeg_std_error(&d.errors.base);
  d.errors.base.error_exit = leave;
  d.errors.base.emit_message = on_message;
  d.errors.base.output_message = [](j_common_ptr) {};
  if (!create(d)) return failure(d, name);
  d.progress.progress_monitor = on_progress;
  d.info.progress = &d.progress;

  if (!read_header(d, bytes)) return failure(d, name);
  const int components = d.info.num_components;
  if (components != 1 && components != 3 && components != 4)
    return make_error(kUndecodable, name, "unsupported JPEG colours", std::to_string(components) + " components",
                      "1 (gray), 3 (colour) or 4 (CMYK)", "convert it to RGB");
  d.info.out_color_space = components == 1 ? JCS_GRAYSCALE : components == 3 ? JCS_RGB : JCS_CMYK;
  d.info.dct_method = JDCT_ISLOW;
  d.info.do_fancy_upsampling = TRUE;
  XPUQ_TRY(check_picture_size(d.info.image_width, d.info.image_height, name));
  if (too_few_bytes(d, bytes)) return truncated_picture(name, "JPEG");
  d.image =
      make_image(static_cast<int>(d.info.image_width), static_cast<int>(d.info.image_height), components == 1 ? 1 : 3);
  if (components == 4) d.row.resize(4 * std::size_t{d.info.image_width});
  if (!decompress(d)) return failure(d, name);
  return std::move(d.image);
}

}  // namespace xpuq::samples
