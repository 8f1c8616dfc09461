// Resizing of 8-bit pictures, byte for byte as Pillow (src/libImaging/Resample.c and Geometry.c).
#pragma once

#include <cstdint>

#include "samples/image.h"

namespace xpuq::samples {

enum class Interpolation : std::uint8_t { nearest, bilinear, bicubic };

/// Which axis is filtered first; the picture is rounded to 8 bits in between, so it shows.
enum class PassOrder : std::uint8_t {
  pillow13,    ///< vertical first when h_out < h_in and h_in - h_out > 2 * (w_in - w_out), else horizontal
  horizontal,  ///< always horizontal first (Pillow up to 12)
};

/// Part of a picture, in its pixels.
struct Window {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

/// The picture scaled to width x height. An axis whose length stays is not filtered.
/// The caller has checked that the result is at least 1x1 and at most kMaxPixels.
Image resize(const Image& image, int width, int height, Interpolation interpolation, PassOrder order);

/// The part `window` (inside 0,0..width,height) of what resize() returns, computing no more than it needs.
Image resize_window(const Image& image, int width, int height, Window window, Interpolation interpolation,
                    PassOrder order);

}  // namespace xpuq::samples
