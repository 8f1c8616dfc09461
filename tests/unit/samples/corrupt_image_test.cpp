// No bytes make a decoder crash, hang or invent pixels: each defect is E102 and names the file.
#include <cstring>

#include "sample_test.h"
#include "samples/splitmix.h"

namespace xpuq::samples {
namespace {

using namespace test;

void put_be32(ByteVector& bytes, std::size_t at, std::uint32_t v) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<std::byte>(v >> (24 - 8 * i));
}

void put_le32(ByteVector& bytes, std::size_t at, std::uint32_t v) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<std::byte>(v >> (8 * i));
}

/// PNG with another size in IHDR and a right checksum: the lie is in the numbers only.
ByteVector png_of_size(std::uint32_t width, std::uint32_t height) {
  ByteVector bytes = fixture_bytes("png_rgba.png");
  put_be32(bytes, 16, width);
  put_be32(bytes, 20, height);
  put_be32(bytes, 29, crc32(std::span(bytes).subspan(12, 17)));
  return bytes;
}

ByteVector jpeg_of_size(const char* name, unsigned width, unsigned height) {
  ByteVector bytes = fixture_bytes(name);
  for (std::size_t i = 2; i + 9 < bytes.size(); ++i) {
    const auto marker = std::to_integer<unsigned>(bytes[i + 1]);
    if (bytes[i] != std::byte{0xff} || marker < 0xc0 || marker > 0xc2) continue;
    bytes[i + 5] = static_cast<std::byte>(height >> 8), bytes[i + 6] = static_cast<std::byte>(height);
    bytes[i + 7] = static_cast<std::byte>(width >> 8), bytes[i + 8] = static_cast<std::byte>(width);
    return bytes;
  }
  FAIL("no frame header in " << name);
  return bytes;
}

TEST_CASE("every truncation of every format is an error") {
  for (const char* name : {"jpeg_420.jpg", "jpeg_progressive.jpg", "jpeg_gray.jpg", "jpeg_cmyk.jpg", "png_rgba.png",
                           "png_adam7.png", "png_palette.png", "png_gray4.png", "bmp_24.bmp", "bmp_palette.bmp",
                           "bmp_555.bmp", "bmp_bilevel.bmp", "pnm_color.ppm", "pnm_gray.pgm"}) {
    const ByteVector bytes = fixture_bytes(name);
    REQUIRE(decode_image(bytes, name).ok());
    std::size_t accepted = 0, unnamed = 0, other_code = 0;
    for (std::size_t n = 0; n < bytes.size(); n += 1 + n / 200) {
      const auto result = decode_image(std::span(bytes).first(n), "dir/cut.img");
      accepted += result.ok();
      if (result.ok()) continue;
      unnamed += result.error().text().find("dir/cut.img") == std::string::npos;
      other_code += result.error().code != "E102";
    }
    INFO(name);
    CHECK(accepted == 0);
    CHECK(unnamed == 0);
    CHECK(other_code == 0);
  }
}

TEST_CASE("a JPEG without its last scan bytes is truncated, not grey below") {
  ByteVector bytes = fixture_bytes("jpeg_444.jpg");
  bytes.resize(bytes.size() * 2 / 3);
  require_error(decode_image(bytes, "half.jpg"), "E102", {"half.jpg", "truncated JPEG"});
  // The same with an end marker put behind the hole: libjpeg's "premature end of data segment".
  bytes.push_back(std::byte{0xff});
  bytes.push_back(std::byte{0xd9});
  require_error(decode_image(bytes, "hole.jpg"), "E102", {"hole.jpg", "truncated JPEG"});
}

TEST_CASE("bad magic names the bytes and the formats") {
  require_error(decode_image(to_bytes("hello, world"), "notes.jpg"), "E102", {"notes.jpg", "68 65 6c 6c", "JPEG, PNG"});
  require_error(decode_image({}, "empty.png"), "E102", {"empty.png", "an empty file"});
  require_error(decode_image(to_bytes("RIFF1234WEBPVP8 "), "a.webp"), "E102", {"a.webp", "WebP", "PNG"});
  require_error(decode_image(to_bytes(std::string_view("II*\0\x08\0\0\0", 8)), "a.tif"), "E102", {"a.tif", "TIFF"});
}

TEST_CASE("sizes that are zero, huge or a lie") {
  require_error(decode_image(png_of_size(60000, 60000), "huge.png"), "E102", {"huge.png", "60000x60000", "2^28"});
  require_error(decode_image(png_of_size(0x7fffffff, 0x7fffffff), "huge.png"), "E102", {"huge.png", "2^28"});
  require_error(decode_image(png_of_size(0, 4), "zero.png"), "E102", {"zero.png"});
  require_error(decode_image(png_of_size(16000, 16000), "lie.png"), "E102", {"lie.png", "truncated PNG"});
  require_error(decode_image(png_of_size(21, 18), "lie.png"), "E102", {"lie.png"});
  for (const char* name : {"jpeg_420.jpg", "jpeg_progressive.jpg"}) {
    require_error(decode_image(jpeg_of_size(name, 65000, 65000), "huge.jpg"), "E102", {"huge.jpg", "2^28"});
    require_error(decode_image(jpeg_of_size(name, 16000, 16000), "lie.jpg"), "E102", {"lie.jpg", "truncated JPEG"});
    require_error(decode_image(jpeg_of_size(name, 93, 200), "lie.jpg"), "E102", {"lie.jpg"});
    require_error(decode_image(jpeg_of_size(name, 0, 10), "zero.jpg"), "E102", {"zero.jpg"});
  }
  ByteVector bmp = fixture_bytes("bmp_24.bmp");
  put_le32(bmp, 18, 0x7fffffff);
  require_error(decode_image(bmp, "huge.bmp"), "E102", {"huge.bmp", "2^28"});
  put_le32(bmp, 18, 16000);
  put_le32(bmp, 22, 0x80000000u);
  require_error(decode_image(bmp, "low.bmp"), "E102", {"low.bmp"});
  put_le32(bmp, 22, 16000);
  require_error(decode_image(bmp, "lie.bmp"), "E102", {"lie.bmp", "truncated BMP"});
  require_error(decode_image(to_bytes("P6 99999999999999999999 1 255\n123"), "a.ppm"), "E102", {"a.ppm"});
  require_error(decode_image(to_bytes("P6 16000 16000 255\n123"), "a.ppm"), "E102", {"a.ppm", "truncated PPM"});
  require_error(decode_image(to_bytes("P3 16000 16000 255\n1 2 3"), "a.ppm"), "E102", {"a.ppm", "truncated PPM"});
  require_error(decode_image(to_bytes("P5 0 3 255\n123"), "a.pgm"), "E102", {"a.pgm", "0x3"});
}

TEST_CASE("checksums are compared, also in chunks that do not matter") {
  ByteVector bytes = fixture_bytes("png_rgba.png");
  bytes[bytes.size() - 20] ^= std::byte{1};  // in IDAT
  require_error(decode_image(bytes, "crc.png"), "E102", {"crc.png", "damaged PNG"});
  ByteVector exif = fixture_bytes("exif_6.png");
  for (std::size_t i = 8; i + 4 < exif.size(); ++i)
    if (std::memcmp(exif.data() + i, "eXIf", 4) == 0) {
      exif[i + 6] ^= std::byte{0x20};
      break;
    }
  require_error(decode_image(exif, "crc.png"), "E102", {"crc.png", "CRC"});
  ByteVector end = fixture_bytes("png_rgba.png");
  end.back() ^= std::byte{1};
  require_error(decode_image(end, "crc.png"), "E102", {"crc.png", "CRC"});
}

TEST_CASE("BMP headers that ask for what is not there") {
  const ByteVector good = fixture_bytes("bmp_palette.bmp");
  const auto with = [&](std::size_t at, std::uint32_t v) {
    ByteVector bytes = good;
    put_le32(bytes, at, v);
    return bytes;
  };
  require_error(decode_image(with(46, 300), "a.bmp"), "E102", {"a.bmp", "300 palette"});
  require_error(decode_image(with(46, 2), "a.bmp"), "E102", {"a.bmp", "outside the palette"});
  require_error(decode_image(with(30, 1), "a.bmp"), "E102", {"a.bmp", "compression 1", "PNG"});
  require_error(decode_image(with(14, 13), "a.bmp"), "E102", {"a.bmp", "13 bytes"});
  require_error(decode_image(with(10, 0xfffffff0u), "a.bmp"), "E102", {"a.bmp", "truncated"});
  ByteVector bits = good;
  bits[28] = std::byte{7};
  require_error(decode_image(bits, "a.bmp"), "E102", {"a.bmp", "7 bits"});
}

TEST_CASE("PPM bodies that are no samples") {
  require_error(decode_image(to_bytes("P2 2 2 255\n1 2 x 4"), "a.pgm"), "E102", {"a.pgm", "no number"});
  require_error(decode_image(to_bytes("P2 2 2 255\n1 2 256 4"), "a.pgm"), "E102", {"a.pgm"});
  require_error(decode_image(to_bytes("P2 2 2 0\n1 2 3 4"), "a.pgm"), "E102", {"a.pgm", "1 to 65535"});
  require_error(decode_image(to_bytes("P5 2 1 9\n\x05\x0a"), "a.pgm"), "E102", {"a.pgm", "0 to 9"});
}

TEST_CASE("16-bit samples stop, keep the high byte or clamp") {
  for (const char* name : {"png_rgb16.png", "png_gray16.png", "pnm_gray16.pgm"})
    require_error(decode_image(fixture_bytes(name), name), "E102", {name, "16 bits", "--depth16"});
  const ByteVector pgm = to_bytes(std::string_view("P5 2 1 65535\n\x01\x80\x00\x42", 17));
  CHECK(must(decode_image(pgm, "a", {.exif = {}, .depth16 = Depth16::high})).pixels == std::vector<std::uint8_t>{1, 0});
  CHECK(must(decode_image(pgm, "a", {.exif = {}, .depth16 = Depth16::clamp})).pixels ==
        std::vector<std::uint8_t>{255, 0x42});
}

TEST_CASE("damaged EXIF is ignored and stays inside the file") {
  const ByteVector good = fixture_bytes("exif_6.jpg");
  const DecodeOptions apply{.exif = ExifOrientation::apply, .depth16 = {}};
  const Image upright = must(decode_image(good, "a", apply));
  CHECK(upright.width == 19);
  SplitMix random(5);
  for (int i = 0; i < 2000; ++i) {
    ByteVector bytes = good;
    for (int k = 0; k < 3; ++k) bytes[20 + random.below(80)] = static_cast<std::byte>(random.next());
    const auto result = decode_image(bytes, "a", apply);  // any outcome, but no crash
    if (result.ok()) CHECK(result->pixels.size() == upright.pixels.size());
  }
}

TEST_CASE("mutated pictures give a picture or E102") {
  SplitMix random(11);
  for (const char* name : {"jpeg_420.jpg", "jpeg_progressive.jpg", "jpeg_cmyk.jpg", "jpeg_restart.jpg", "png_adam7.png",
                           "png_palette4.png", "bmp_palette.bmp", "bmp_32.bmp", "pnm_ascii.ppm", "pnm_max100.pgm"}) {
    const ByteVector good = fixture_bytes(name);
    std::size_t bad_pictures = 0, bad_errors = 0;
    for (int i = 0; i < 400; ++i) {
      ByteVector bytes = good;
      const std::uint64_t edits = 1 + random.below(4);
      // Half of the edits hit the header, where the structure is.
      for (std::uint64_t k = 0; k < edits; ++k)
        bytes[random.below(i % 2 ? bytes.size() : std::min<std::size_t>(bytes.size(), 64))] =
            static_cast<std::byte>(random.next());
      const auto result = decode_image(bytes, "m.img");
      if (result.ok())
        bad_pictures += result->pixels.size() != result->row_bytes() * static_cast<std::size_t>(result->height);
      else bad_errors += result.error().code != "E102" || result.error().text().find("m.img") == std::string::npos;
    }
    INFO(name);
    CHECK(bad_pictures == 0);
    CHECK(bad_errors == 0);
  }
}

TEST_CASE("BMP variants that Pillow does not write") {
  // Top-down, 2x2, 24 bits: rows padded to 8 bytes, the first row is the upper one.
  ByteVector bytes(54 + 16);
  std::memcpy(bytes.data(), "BM", 2);
  put_le32(bytes, 10, 54), put_le32(bytes, 14, 40), put_le32(bytes, 18, 2),
      put_le32(bytes, 22, static_cast<std::uint32_t>(-2));
  bytes[26] = std::byte{1}, bytes[28] = std::byte{24};
  for (std::size_t i = 0; i < 6; ++i)
    bytes[54 + i] = static_cast<std::byte>(i + 1), bytes[62 + i] = static_cast<std::byte>(i + 11);
  CHECK(must(decode_image(bytes, "a.bmp")).pixels ==
        std::vector<std::uint8_t>{3, 2, 1, 6, 5, 4, 13, 12, 11, 16, 15, 14});
}

TEST_CASE("suffixes of pictures") {
  for (const char* name : {"a.jpg", "A.JPEG", "b.Png", "c.d.bmp", "x.ppm", "x.PGM"}) CHECK(has_image_suffix(name));
  for (const char* name : {"a", "jpg", "a.heic", "a.webp", "a.jpg.txt", "."}) CHECK_FALSE(has_image_suffix(name));
}

}  // namespace
}  // namespace xpuq::samples
