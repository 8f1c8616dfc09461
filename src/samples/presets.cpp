#include "samples/presets.h"

#include <algorithm>
#include <cmath>

#include "samples/parse_value.h"

namespace xpuq::samples {
namespace {

Preprocessing imagenet(int crop_width, int crop_height, int side) {
  Preprocessing p;
  p.fit = Fit::shorter;
  p.resize_side = side;
  p.crop_width = crop_width;
  p.crop_height = crop_height;
  p.mean = {0.485f, 0.456f, 0.406f};
  p.std = {0.229f, 0.224f, 0.225f};
  return p;
}

std::optional<Preprocessing> imagenet_with(std::string_view numbers) {
  const std::size_t slash = numbers.find('/');
  const auto crop = parse_side(numbers.substr(0, slash));
  if (!crop) return std::nullopt;
  if (slash == std::string_view::npos) return imagenet(*crop, *crop, short_side_for_crop(*crop));
  const auto side = parse_side(numbers.substr(slash + 1));
  if (!side) return std::nullopt;
  return imagenet(*crop, *crop, *side);
}

}  // namespace

std::string preset_names() { return "imagenet[:CROP[/RESIZE]], unit, signed, raw, none, auto"; }

int short_side_for_crop(int crop) { return static_cast<int>(std::lround(crop * 256.0 / 224.0)); }

Preprocessing scaled_imagenet(int width, int height) {
  return imagenet(width, height, short_side_for_crop(std::max(width, height)));
}

std::optional<Preprocessing> preset(const std::string& name, int width, int height) {
  constexpr std::string_view with_numbers = "imagenet:";
  if (name == "imagenet") return imagenet(224, 224, 256);
  if (name.starts_with(with_numbers)) return imagenet_with(std::string_view(name).substr(with_numbers.size()));
  Preprocessing p;
  p.fit = Fit::stretch;
  p.resize_width = width;
  p.resize_height = height;
  p.mean = {0.0f};
  p.std = {1.0f};
  if (name == "unit") return p;
  if (name == "signed") {
    p.mean = {0.5f};
    p.std = {0.5f};
    return p;
  }
  if (name != "raw") return std::nullopt;
  p.scale = 1.0f;
  return p;
}

}  // namespace xpuq::samples
