#include "samples/resample.h"

#include <algorithm>
#include <cstring>

#include "samples/resample_kernel.h"
#include "samples/resample_weights.h"
#include "support/check.h"

namespace xpuq::samples {
namespace {

Image crop(const Image& image, Window w) {
  Image out = make_image(w.width, w.height, image.channels);
  const auto channels = static_cast<std::size_t>(image.channels);
  for (int y = 0; y < w.height; ++y)
    std::memcpy(out.row(y), image.row(w.y + y) + static_cast<std::size_t>(w.x) * channels, out.row_bytes());
  return out;
}

/// int(p) of p = scale/2, then p += scale; added up, not multiplied, as Pillow's ImagingScaleAffine.
std::vector<int> nearest_indices(int in, int out) {
  const double scale = static_cast<double>(in) / out;
  double p = scale * 0.5;
  std::vector<int> indices(static_cast<std::size_t>(out));
  for (int& index : indices) {
    index = std::min(static_cast<int>(p), in - 1);
    p += scale;
  }
  return indices;
}

Image nearest(const Image& image, int width, int height, Window w) {
  const std::vector<int> xs = nearest_indices(image.width, width), ys = nearest_indices(image.height, height);
  Image out = make_image(w.width, w.height, image.channels);
  const auto channels = static_cast<std::size_t>(image.channels);
  for (int y = 0; y < w.height; ++y) {
    const std::uint8_t* from = image.row(ys[static_cast<std::size_t>(w.y + y)]);
    std::uint8_t* to = out.row(y);
    for (int x = 0; x < w.width; ++x, to += channels)
      for (std::size_t c = 0; c < channels; ++c)
        to[c] = from[static_cast<std::size_t>(xs[static_cast<std::size_t>(w.x + x)]) * channels + c];
  }
  return out;
}

/// Filters down the columns: one row an output of `weights`, whose source indices count from row -`top` of `image`.
Image vertical_pass(const Image& image, const AxisWeights& weights, int top) {
  Image out = make_image(image.width, static_cast<int>(weights.outputs.size()), image.channels);
  for (int y = 0; y < out.height; ++y) {
    const auto& o = weights.outputs[static_cast<std::size_t>(y)];
    weighted_rows(image.row(o.first - top), image.row_bytes(), weights.low.data() + o.at, weights.high.data() + o.at,
                  static_cast<std::size_t>(o.count), out.row(y), out.row_bytes());
  }
  return out;
}

/// Up to 16 rows of `image` from y on, as columns: to[byte * kBlockRows + row]. Missing rows repeat the last one.
void transpose_block(const Image& image, int y, std::size_t first_byte, std::size_t bytes, std::uint8_t* to) {
  std::uint8_t tile[kBlockRows * 16];
  const auto row = [&](std::size_t i) {
    return image.row(std::min(y + static_cast<int>(i), image.height - 1)) + first_byte;
  };
  const bool whole_rows = y + static_cast<int>(kBlockRows) <= image.height;
  for (std::size_t b = 0; b < bytes; b += 16) {
    const std::size_t n = std::min<std::size_t>(16, bytes - b);
    if (whole_rows && n == 16) {
      transpose_16x16(row(0) + b, image.row_bytes(), to + b * kBlockRows, kBlockRows);
      continue;
    }
    for (std::size_t i = 0; i < kBlockRows; ++i) std::memcpy(tile + 16 * i, row(i) + b, n);
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t i = 0; i < kBlockRows; ++i) to[(b + j) * kBlockRows + i] = tile[16 * i + j];
  }
}

/// The inverse: columns of 16 back into the rows of `out` that exist.
void untranspose_block(const std::uint8_t* from, std::size_t bytes, Image& out, int y) {
  const auto rows = static_cast<std::size_t>(std::min(static_cast<int>(kBlockRows), out.height - y));
  std::uint8_t tile[16 * kBlockRows];
  for (std::size_t b = 0; b < bytes; b += 16) {
    const std::size_t n = std::min<std::size_t>(16, bytes - b);
    transpose_16x16(from + b * kBlockRows, kBlockRows, tile, 16);
    for (std::size_t i = 0; i < rows; ++i) std::memcpy(out.row(y + static_cast<int>(i)) + b, tile + 16 * i, n);
  }
}

/// Columns x .. x+columns of the rows y .. y+rows of the picture scaled to `width` columns; no other row is read.
Image horizontal_pass(const Image& image, int width, int x, int columns, int y, int rows, Interpolation interpolation) {
  const AxisWeights weights = axis_weights(image.width, width, x, columns, interpolation);
  const auto channels = static_cast<std::size_t>(image.channels);
  const auto first = static_cast<std::size_t>(weights.first_source());
  const std::size_t used = static_cast<std::size_t>(weights.end_source()) - first;
  Image out = make_image(columns, rows, image.channels);
  // Rounded up, because untranspose_block reads whole tiles.
  std::vector<std::uint8_t> block(used * channels * kBlockRows);
  std::vector<std::uint8_t> result((out.row_bytes() + 15) / 16 * 16 * kBlockRows);
  for (int i = 0; i < rows; i += static_cast<int>(kBlockRows)) {
    transpose_block(image, y + i, first * channels, used * channels, block.data());
    for (std::size_t c = 0; c < static_cast<std::size_t>(columns); ++c) {
      const auto& o = weights.outputs[c];
      weighted_rows(block.data() + (static_cast<std::size_t>(o.first) - first) * channels * kBlockRows,
                    channels * kBlockRows, weights.low.data() + o.at, weights.high.data() + o.at,
                    static_cast<std::size_t>(o.count), result.data() + c * channels * kBlockRows,
                    channels * kBlockRows);
    }
    untranspose_block(result.data(), out.row_bytes(), out, i);
  }
  return out;
}

bool vertical_first(const Image& image, int width, int height, PassOrder order) {
  return order == PassOrder::pillow13 && height < image.height &&
         static_cast<std::int64_t>(image.height) - height > 2 * (static_cast<std::int64_t>(image.width) - width);
}

}  // namespace

Image resize_window(const Image& image, int width, int height, Window w, Interpolation interpolation, PassOrder order) {
  XPUQ_CHECK(w.x >= 0 && w.y >= 0 && w.width > 0 && w.height > 0 && w.width <= width - w.x && w.height <= height - w.y,
             "the window lies inside the resized picture");
  const bool across = width != image.width, down = height != image.height;
  if (!across && !down) return crop(image, w);
  if (interpolation == Interpolation::nearest) return nearest(image, width, height, w);
  if (!down) return horizontal_pass(image, width, w.x, w.width, w.y, w.height, interpolation);
  const AxisWeights rows = axis_weights(image.height, height, w.y, w.height, interpolation);
  if (!across) return crop(vertical_pass(image, rows, 0), {w.x, 0, w.width, w.height});
  if (vertical_first(image, width, height, order))
    return horizontal_pass(vertical_pass(image, rows, 0), width, w.x, w.width, 0, w.height, interpolation);
  // The first pass makes only the rows that the second one reads.
  const int top = rows.first_source();
  return vertical_pass(horizontal_pass(image, width, w.x, w.width, top, rows.end_source() - top, interpolation), rows,
                       top);
}

Image resize(const Image& image, int width, int height, Interpolation interpolation, PassOrder order) {
  return resize_window(image, width, height, {0, 0, width, height}, interpolation, order);
}

}  // namespace xpuq::samples
