#include "samples/preprocess.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "samples/sample_error.h"

namespace xpuq::samples {
namespace {

/// Where the scaled picture lies on its canvas. They differ for letterbox only.
struct Placement {
  std::int64_t canvas_width, canvas_height;
  std::int64_t width, height;  // of the scaled picture
  std::int64_t x, y;           // of its corner on the canvas
};

/// int(side * other / reference), as Python computes it: the product exact, the quotient in double, truncated.
std::int64_t scaled_side(std::int64_t side, std::int64_t other, std::int64_t reference) {
  return static_cast<std::int64_t>(static_cast<double>(side * other) / static_cast<double>(reference));
}

Placement place(const Preprocessing& p, const Image& image) {
  const std::int64_t w = image.width, h = image.height;
  std::int64_t to_w = p.resize_width, to_h = p.resize_height;
  if (p.fit == Fit::shorter || p.fit == Fit::longer) {
    // torchvision takes the width as the short side of a square; both come out equal then.
    const bool width_given = (p.fit == Fit::shorter) == (w <= h);
    to_w = width_given ? p.resize_side : std::max<std::int64_t>(scaled_side(p.resize_side, w, h), 1);
    to_h = width_given ? std::max<std::int64_t>(scaled_side(p.resize_side, h, w), 1) : p.resize_side;
  }
  if (p.fit != Fit::letterbox) return {to_w, to_h, to_w, to_h, 0, 0};
  const double ratio =
      std::min(static_cast<double>(to_w) / static_cast<double>(w), static_cast<double>(to_h) / static_cast<double>(h));
  const auto side = [ratio](std::int64_t n) {
    return std::max<std::int64_t>(static_cast<std::int64_t>(std::nearbyint(static_cast<double>(n) * ratio)), 1);
  };
  const std::int64_t inner_w = std::min(side(w), to_w), inner_h = std::min(side(h), to_h);
  return {to_w, to_h, inner_w, inner_h, (to_w - inner_w) / 2, (to_h - inner_h) / 2};
}

/// Canvas coordinate of the crop's first pixel: round((size - crop)/2) with halves to even, or minus the padding.
std::int64_t crop_start(std::int64_t size, std::int64_t crop) {
  if (crop > size) return -((crop - size) / 2);
  return static_cast<std::int64_t>(std::nearbyint(static_cast<double>(size - crop) / 2.0));
}

struct Span {
  std::int64_t begin, end;
  bool empty() const { return begin >= end; }
};
Span overlap(Span a, Span b) { return {std::max(a.begin, b.begin), std::min(a.end, b.end)}; }

void fill(Image& image, Span xs, Span ys, int value) {
  const auto channels = static_cast<std::size_t>(image.channels);
  for (std::int64_t y = ys.begin; y < ys.end; ++y)
    std::memset(image.row(static_cast<int>(y)) + static_cast<std::size_t>(xs.begin) * channels, value,
                static_cast<std::size_t>(xs.end - xs.begin) * channels);
}

void paste(Image& image, const Image& part, std::int64_t x, std::int64_t y) {
  const auto channels = static_cast<std::size_t>(image.channels);
  for (int row = 0; row < part.height; ++row)
    std::memcpy(image.row(static_cast<int>(y) + row) + static_cast<std::size_t>(x) * channels, part.row(row),
                part.row_bytes());
}

/// n when scale is the binary32 nearest to 1/n, so that x/n gets the one rounding that the reference has; else 0.
float divisor_of(float scale) {
  const double n = std::nearbyint(1.0 / static_cast<double>(scale));
  return n >= 1 && n <= 65535 && static_cast<float>(1.0 / n) == scale ? static_cast<float>(n) : 0.0f;
}

void store(const Image& image, const std::vector<std::vector<float>>& tables, const Preprocessing& p, float* out) {
  const auto channels = tables.size();
  const std::size_t pixels = image.pixels.size() / channels;
  const std::size_t step = p.layout == InputLayout::nchw ? 1 : channels;
  for (std::size_t c = 0; c < channels; ++c) {
    const std::uint8_t* from = image.pixels.data() + (p.channels == Channels::bgr ? channels - 1 - c : c);
    float* to = p.layout == InputLayout::nchw ? out + c * pixels : out + c;
    const float* table = tables[c].data();
    for (std::size_t i = 0; i < pixels; ++i) to[i * step] = table[from[i * channels]];
  }
}

}  // namespace

std::vector<float> normalisation_table(float scale, float mean, float std) {
  const float divisor = divisor_of(scale);
  std::vector<float> table(256);
  for (int byte = 0; byte < 256; ++byte) {
    const auto value = static_cast<float>(byte);
    const float x = divisor != 0.0f ? value / divisor : value * scale;
    const float centred = x - mean;
    table[static_cast<std::size_t>(byte)] = centred / std;
  }
  return table;
}

InputSize input_size(const Shape& s, InputLayout layout) {
  if (layout == InputLayout::nchw) return {s[1], s[2], s[3]};
  return {s[3], s[1], s[2]};
}

std::string mismatch(const Preprocessing& p, const Shape& input_shape) {
  if (p.tensors_only) return "preset none: this input takes tensors";
  if (input_shape.size() != 4) return "an input of rank " + std::to_string(input_shape.size());
  const InputSize size = input_size(input_shape, p.layout);
  const std::int64_t wanted = p.channels == Channels::gray ? 1 : 3;
  if (size.channels != wanted)
    return "an input of " + std::to_string(size.channels) + " channels, a picture of " + std::to_string(wanted);
  if (static_cast<std::int64_t>(p.mean.size()) != wanted || p.std.size() != p.mean.size())
    return "mean and std for " + std::to_string(p.mean.size()) + " and " + std::to_string(p.std.size()) + " channels";
  std::int64_t width = p.crop_width, height = p.crop_height;
  if (width == 0 && (p.fit == Fit::stretch || p.fit == Fit::letterbox))
    width = p.resize_width, height = p.resize_height;
  if (width != 0 && (width != size.width || height != size.height))
    return "pictures of " + std::to_string(width) + "x" + std::to_string(height) + ", an input of " +
           std::to_string(size.width) + "x" + std::to_string(size.height);
  return {};
}

Result<Image> apply_geometry(const Preprocessing& p, Image image, const std::string& name) {
  image = p.channels == Channels::gray ? to_gray(std::move(image)) : to_rgb(std::move(image));
  const Placement at = place(p, image);
  if (at.width > kMaxPixels || at.height > kMaxPixels || at.width * at.height > kMaxPixels)
    return make_error(kUnfit, name, "the resized picture would be too large",
                      std::to_string(at.width) + "x" + std::to_string(at.height), "at most 2^28 (268435456) pixels",
                      "--fit stretch or --fit letterbox for very long pictures");
  const bool crop = p.crop_width != 0;
  const std::int64_t width = crop ? p.crop_width : at.canvas_width, height = crop ? p.crop_height : at.canvas_height;
  const std::int64_t left = crop ? crop_start(at.canvas_width, width) : 0,
                     top = crop ? crop_start(at.canvas_height, height) : 0;
  const Span columns{left, left + width}, rows{top, top + height};

  Image out = make_image(static_cast<int>(width), static_cast<int>(height), image.channels);
  if (p.fit == Fit::letterbox) {
    const Span xs = overlap(columns, {0, at.canvas_width}), ys = overlap(rows, {0, at.canvas_height});
    if (!xs.empty() && !ys.empty())
      fill(out, {xs.begin - left, xs.end - left}, {ys.begin - top, ys.end - top}, p.pad_value);
  }
  const Span xs = overlap(columns, {at.x, at.x + at.width}), ys = overlap(rows, {at.y, at.y + at.height});
  if (xs.empty() || ys.empty()) return out;
  const Window window{static_cast<int>(xs.begin - at.x), static_cast<int>(ys.begin - at.y),
                      static_cast<int>(xs.end - xs.begin), static_cast<int>(ys.end - ys.begin)};
  const Image part =
      resize_window(image, static_cast<int>(at.width), static_cast<int>(at.height), window, p.interpolation, p.order);
  if (part.width == out.width && part.height == out.height) return part;
  paste(out, part, xs.begin - left, ys.begin - top);
  return out;
}

Result<Tensor> apply(const Preprocessing& p, const Image& image, const Shape& input_shape, const std::string& name) {
  if (const std::string why = mismatch(p, input_shape); !why.empty())
    return make_error(kUnfit, name, "a picture does not fit this input", why, "see --help preprocessing",
                      p.tensors_only ? "--preset unit, or a .npy file" : "--crop or --resize with the input's size");
  XPUQ_ASSIGN(const Image fitted, apply_geometry(p, image, name));
  const InputSize size = input_size(input_shape, p.layout);
  if (fitted.width != size.width || fitted.height != size.height)
    return make_error(kUnfit, name, "the picture does not have the input's size after resizing",
                      std::to_string(fitted.width) + "x" + std::to_string(fitted.height),
                      std::to_string(size.width) + "x" + std::to_string(size.height),
                      "--crop " + std::to_string(size.width) + "x" + std::to_string(size.height));
  std::vector<std::vector<float>> tables;
  for (std::size_t c = 0; c < p.mean.size(); ++c) tables.push_back(normalisation_table(p.scale, p.mean[c], p.std[c]));
  Shape shape = input_shape;
  shape[0] = 1;
  Tensor tensor(DataType::f32, std::move(shape));
  store(fitted, tables, p, tensor.data<float>());
  return tensor;
}

}  // namespace xpuq::samples
