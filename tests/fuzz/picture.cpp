// Pictures: JPEG, PNG, BMP and PPM/PGM, told from their first bytes; and what the colour conversions make of them.
#include "samples/image.h"
#include "target.h"

using namespace xpuq::samples;

XPUQ_FUZZ_TARGET(picture) {
  for (const DecodeOptions options : {DecodeOptions{}, DecodeOptions{ExifOrientation::apply, Depth16::high}}) {
    auto image = decode_image(bytes, "picture", options);
    if (!image.ok()) continue;
    const std::size_t expected = image->row_bytes() * static_cast<std::size_t>(image->height);
    xpuq::fuzz::require_sound(image->pixels.size() == expected ? "" : "the pixels do not fill the picture");
    if (expected < (1u << 20)) to_gray(to_rgb(std::move(*image)));
  }
}
