// PGM and PPM, binary (P5, P6) and ASCII (P2, P3). Samples of another range than 255 are scaled as Pillow does:
// round(v / maxval * 255) in double with halves to even; 16-bit ones become 0..65535 first and obey --depth16.
#include <cmath>
#include <utility>

#include "samples/byte_reader.h"
#include "samples/decoders.h"
#include "samples/sample_error.h"

namespace xpuq::samples {
namespace {

/// Tokens separated by white space; `#` starts a comment up to the end of the line.
class Scanner {
 public:
  Scanner(Bytes bytes, std::size_t at) : bytes_(bytes), at_(at) {}

  /// The next decimal number up to `most`; negative when there is none, it is malformed or it is larger.
  std::int64_t number(std::int64_t most) {
    skip_blanks();
    std::int64_t value = 0;
    const std::size_t start = at_;
    for (; at_ < bytes_.size() && is_digit(byte()); ++at_)
      if (value = value * 10 + (byte() - '0'); value > most) return -1;
    return at_ == start ? -1 : value;
  }
  std::size_t position() const { return at_; }
  bool at_end() const { return at_ >= bytes_.size(); }

 private:
  static bool is_digit(int c) { return c >= '0' && c <= '9'; }
  static bool is_blank(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
  int byte() const { return std::to_integer<int>(bytes_[at_]); }
  void skip_blanks() {
    bool comment = false;
    for (; at_ < bytes_.size(); ++at_) {
      if (byte() == '#') comment = true;
      if (comment) comment = byte() != '\n' && byte() != '\r';
      else if (!is_blank(byte())) return;
    }
  }

  Bytes bytes_;
  std::size_t at_;
};

std::uint8_t to_eight_bits(std::int64_t v, std::int64_t maxval, Depth16 depth16) {
  if (maxval == 255) return static_cast<std::uint8_t>(v);
  const double share = static_cast<double>(v) / static_cast<double>(maxval);
  if (maxval < 256) return static_cast<std::uint8_t>(std::nearbyint(share * 255));
  const auto wide = maxval == 65535 ? v : static_cast<std::int64_t>(std::nearbyint(share * 65535));
  return static_cast<std::uint8_t>(depth16 == Depth16::high ? wide >> 8 : std::min<std::int64_t>(wide, 255));
}

Error damaged(const std::string& name, std::string got) {
  return make_error(kUndecodable, name, "damaged PPM/PGM file", std::move(got), {},
                    "copy the file again, or remove it");
}

}  // namespace

Result<Image> decode_pnm(Bytes bytes, const std::string& name, Depth16 depth16) {
  const auto kind = static_cast<char>(bytes[1]);
  const bool ascii = kind == '2' || kind == '3';
  Scanner scanner(bytes, 2);
  const std::int64_t width = scanner.number(kMaxPixels), height = scanner.number(kMaxPixels);
  const std::int64_t maxval = scanner.number(65535);
  if (scanner.at_end()) return truncated_picture(name, "PPM/PGM");
  XPUQ_TRY(check_picture_size(width, height, name));
  if (maxval < 1) return damaged(name, "a maximum that is not 1 to 65535");
  if (maxval > 255 && depth16 == Depth16::stop) return sixteen_bit_picture(name);

  const int channels = kind == '2' || kind == '5' ? 1 : 3;
  const std::uint64_t samples = static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height) * channels;
  const std::size_t sample_bytes = maxval > 255 ? 2 : 1;
  const std::size_t start = scanner.position() + 1;  // exactly one blank after the maximum
  // An ASCII sample needs a digit and a separator; so neither form makes us allocate more than the file can fill.
  const std::uint64_t least = ascii ? 2 * samples - 1 : samples * sample_bytes;
  if (start > bytes.size() || least > bytes.size() - start) return truncated_picture(name, "PPM/PGM");

  Image image = make_image(static_cast<int>(width), static_cast<int>(height), channels);
  for (std::size_t i = 0; i < samples; ++i) {
    std::int64_t v = 0;
    if (ascii) {
      v = scanner.number(maxval);
      if (v < 0 && scanner.at_end()) return truncated_picture(name, "PPM/PGM");
    } else {
      v = sample_bytes == 2 ? read_be16(bytes, start + 2 * i) : byte_at(bytes, start + i);
      if (v > maxval) v = -1;
    }
    if (v < 0) return damaged(name, "a sample that is no number from 0 to " + std::to_string(maxval));
    image.pixels[i] = to_eight_bits(v, maxval, depth16);
  }
  return image;
}

}  // namespace xpuq::samples
