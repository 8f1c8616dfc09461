// Byte equality with Pillow 13 over stored cases (cli.md 2.2, point 9): decoding, resizing, and whole presets.
#include "sample_test.h"
#include "samples/preprocess_options.h"

namespace xpuq::samples {
namespace {

using namespace test;

Image load(const Json& c, DecodeOptions options = {}) {
  const std::string file = c.at("file");
  Image image = must(decode_image(fixture_bytes(file), file, options));
  return c.value("mode", "rgb") == "gray" ? to_gray(std::move(image)) : to_rgb(std::move(image));
}

std::optional<std::string> option(const Json& options, const char* key) {
  return options.contains(key) ? std::optional<std::string>(options.at(key).get<std::string>()) : std::nullopt;
}

PreprocessingOptions options_of(const Json& j) {
  PreprocessingOptions o;
  o.preset = option(j, "preset");
  o.resize = option(j, "resize");
  o.fit = option(j, "fit");
  o.interp = option(j, "interp");
  o.mean = option(j, "mean");
  o.std = option(j, "std");
  o.channels = option(j, "channels");
  o.layout = option(j, "layout");
  o.pad_value = option(j, "pad_value");
  return o;
}

TEST_CASE("decoded pictures equal Pillow's") {
  std::size_t count = 0;
  for (const Json& c : pillow_cases().at("decode")) {
    INFO(c.dump());
    DecodeOptions options;
    if (c.at("exif") == "apply") options.exif = ExifOrientation::apply;
    if (c.at("depth16") == "high") options.depth16 = Depth16::high;
    if (c.at("depth16") == "clamp") options.depth16 = Depth16::clamp;
    const Image image = load(c, options);
    CHECK(image.width == c.at("width").get<int>());
    CHECK(image.height == c.at("height").get<int>());
    CHECK(sha256(image.pixels) == c.at("sha256").get<std::string>());
    ++count;
  }
  CHECK(count >= 80);
}

TEST_CASE("resized pictures equal Pillow's for every filter and both orders") {
  std::size_t count = 0;
  for (const Json& c : pillow_cases().at("resize")) {
    INFO(c.dump());
    const std::string interp = c.at("interp"), order = c.at("order");
    const auto filter = interp == "nearest"    ? Interpolation::nearest
                        : interp == "bilinear" ? Interpolation::bilinear
                                               : Interpolation::bicubic;
    const Image image = resize(load(c), c.at("width").get<int>(), c.at("height").get<int>(), filter,
                               order == "pillow13" ? PassOrder::pillow13 : PassOrder::horizontal);
    CHECK(sha256(image.pixels) == c.at("sha256").get<std::string>());
    ++count;
  }
  CHECK(count >= 120);
}

TEST_CASE("tensors of the presets equal those of Pillow and torchvision") {
  std::size_t count = 0;
  for (const Json& c : pillow_cases().at("preset")) {
    INFO(c.dump());
    std::vector<Warning> warnings;
    const Shape shape = c.at("shape").get<Shape>();
    const Preprocessing p = must(resolve(options_of(c.at("options")), shape, warnings));
    const Tensor tensor = must(apply(p, must(decode_image(fixture_bytes(c.at("file")), "file")), shape, "file"));
    CHECK(tensor.shape() == shape);
    CHECK(tensor.dtype() == DataType::f32);
    for (const Json& v : c.at("values"))
      CHECK(tensor.data<float>()[v.at(0).get<std::size_t>()] == v.at(1).get<float>());
    CHECK(sha256({tensor.raw(), tensor.bytes()}) == c.at("sha256").get<std::string>());
    // The record alone must do the same, through its JSON.
    const Preprocessing again = must(from_json(to_json(p), "E403", "x.xcal"));
    CHECK(again == p);
    ++count;
  }
  CHECK(count >= 40);
}

TEST_CASE("a window of a resize is a part of the whole") {
  const Image image = to_rgb(must(decode_image(fixture_bytes("noise_61x43.png"), "noise")));
  for (const auto filter : {Interpolation::nearest, Interpolation::bilinear, Interpolation::bicubic}) {
    for (const auto& [w, h] : {std::pair{61, 43}, {61, 20}, {20, 43}, {37, 29}, {100, 12}, {90, 70}}) {
      const Image whole = resize(image, w, h, filter, PassOrder::pillow13);
      const Window window{w / 5, h / 4, w / 2, h / 3};
      const Image part = resize_window(image, w, h, window, filter, PassOrder::pillow13);
      bool equal = part.width == window.width && part.height == window.height;
      for (int y = 0; equal && y < part.height; ++y)
        equal = std::equal(part.row(y), part.row(y) + part.row_bytes(), whole.row(window.y + y) + 3 * window.x);
      INFO(w << "x" << h << " filter " << static_cast<int>(filter));
      CHECK(equal);
    }
  }
}

TEST_CASE("normalisation rounds after every step") {
  const std::vector<float> table = normalisation_table(1.0f / 255.0f, 0.485f, 0.229f);
  for (int b = 0; b < 256; ++b) {
    volatile float x = static_cast<float>(b) / 255.0f;
    volatile float centred = x - 0.485f;
    volatile float y = centred / 0.229f;
    CHECK(table[static_cast<std::size_t>(b)] == y);
  }
  CHECK(normalisation_table(1.0f, 0.0f, 1.0f)[200] == 200.0f);
  CHECK(normalisation_table(2.5f, 0.0f, 1.0f)[3] == 7.5f);
  CHECK(normalisation_table(1.0f / 3.0f, 0.0f, 1.0f)[7] == 7.0f / 3.0f);
}

}  // namespace
}  // namespace xpuq::samples
