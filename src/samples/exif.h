// The EXIF orientation tag of JPEG and PNG files, and the eight orientations.
#pragma once

#include <cstddef>
#include <span>

#include "samples/image.h"

namespace xpuq::samples {

/// Tag 0x0112 of the first directory, 1 to 8. 1 (upright) when the file has none, or when the tag or the structure
/// around it is damaged: Pillow's exif_transpose does the same, and the pixels are good all the same.
int exif_orientation(std::span<const std::byte> file);

/// Turns and mirrors the stored picture upright, as Pillow's ImageOps.exif_transpose.
Image orient(Image image, int orientation);

}  // namespace xpuq::samples
