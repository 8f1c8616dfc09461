// Presets and options (cli.md 2.1): what they resolve to, what they warn of, what they refuse.
#include "sample_test.h"
#include "samples/preprocess_options.h"

namespace xpuq::samples {
namespace {

using namespace test;

const Shape kImagenet{1, 3, 224, 224};

Preprocessing resolved(const PreprocessingOptions& options, const Shape& shape = kImagenet, std::string codes = {}) {
  std::vector<Warning> warnings;
  const Preprocessing p = must(resolve(options, shape, warnings));
  std::string got;
  for (const Warning& w : warnings) got += w.code;
  CHECK(got == codes);
  return p;
}

Result<Preprocessing> attempt(const PreprocessingOptions& options, const Shape& shape = kImagenet) {
  std::vector<Warning> warnings;
  return resolve(options, shape, warnings);
}

PreprocessingOptions with_preset(const char* name) {
  PreprocessingOptions o;
  o.preset = name;
  return o;
}

TEST_CASE("preset imagenet") {
  Preprocessing p = resolved(with_preset("imagenet"));
  CHECK(p.fit == Fit::shorter);
  CHECK(p.resize_side == 256);
  CHECK(p.crop_width == 224);
  CHECK(p.crop_height == 224);
  CHECK(p.interpolation == Interpolation::bilinear);
  CHECK(p.mean == std::vector<float>{0.485f, 0.456f, 0.406f});
  CHECK(p.std == std::vector<float>{0.229f, 0.224f, 0.225f});
  CHECK(p.scale == 1.0f / 255.0f);
  CHECK(resolved(with_preset("imagenet:224/232")).resize_side == 232);
  CHECK(resolved(with_preset("imagenet:299/342"), {1, 3, 299, 299}).resize_side == 342);
  CHECK(resolved(with_preset("imagenet:299"), {1, 3, 299, 299}).resize_side == 342);
}

TEST_CASE("preset auto scales imagenet and says so") {
  std::vector<Warning> warnings;
  const Preprocessing p = must(resolve({}, {1, 3, 299, 299}, warnings));
  CHECK(p.resize_side == 342);
  CHECK(p.crop_width == 299);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].code == "W012");
  CHECK(warnings[0].message.find("1x3x299x299") != std::string::npos);
  CHECK(warnings[0].message.find("imagenet") != std::string::npos);

  CHECK(resolved({}, {8, 3, 224, 224}, "W012").resize_side == 256);
  CHECK(resolved({}, {1, 32, 64, 3}, "W012").layout == InputLayout::nhwc);
  CHECK(resolved({}, {1, 10}).tensors_only);
  CHECK(resolved({}, {1, 4, 224, 224}).tensors_only);
  CHECK(resolved({}, {1, 1, 28, 28}).tensors_only);
  PreprocessingOptions mnist;
  mnist.mean = "0.1307";
  mnist.std = "0.3081";
  const Preprocessing gray = resolved(mnist, {1, 1, 28, 28}, "W012");
  CHECK(gray.channels == Channels::gray);
  CHECK(gray.fit == Fit::stretch);
  PreprocessingOptions all;
  all.mean = "0.5", all.std = "0.5", all.crop = "224";
  resolved(all);  // nothing was guessed
}

TEST_CASE("presets unit, signed, raw, none") {
  Preprocessing p = resolved(with_preset("unit"), {1, 3, 48, 64});
  CHECK(p.fit == Fit::stretch);
  CHECK(p.resize_width == 64);
  CHECK(p.resize_height == 48);
  CHECK(p.crop_width == 0);
  CHECK(resolved(with_preset("signed")).mean == std::vector<float>{0.5f, 0.5f, 0.5f});
  CHECK(resolved(with_preset("raw")).scale == 1.0f);
  CHECK(resolved(with_preset("none")).tensors_only);
  CHECK(resolved(with_preset("unit"), {1, 1, 28, 28}).channels == Channels::gray);
}

TEST_CASE("an unknown preset lists all of them") {
  for (const char* name :
       {"imagnet", "imagenet:", "imagenet:0", "imagenet:224/", "imagenet:224/x", "imagenet:-1", "UNIT", ""})
    require_error(
        attempt(with_preset(name)), "E203",
        {"--preset", std::string("'") + name + "'", "imagenet[:CROP[/RESIZE]], unit, signed, raw, none, auto"});
}

TEST_CASE("the crop must be the model's input") {
  require_error(attempt(with_preset("imagenet"), {1, 3, 299, 299}), "E203",
                {"--preset imagenet", "224x224", "299x299", "imagenet:299/342"});
  PreprocessingOptions o = with_preset("unit");
  o.crop = "200";
  require_error(attempt(o), "E203", {"--crop 200", "200x200", "224x224"});
  o.crop = "224x200";
  require_error(attempt(o), "E203", {"--crop"});
  for (const char* bad : {"0", "x", "224x", "-3", "224x224x3", "99999999"}) {
    o.crop = bad;
    require_error(attempt(o), "E203", {"--crop", bad});
  }
}

TEST_CASE("resize and fit") {
  PreprocessingOptions o = with_preset("unit");
  o.resize = "256";
  require_error(attempt(o), "E203", {"--resize 256", "--crop 224x224"});
  o.crop = "224";
  CHECK(resolved(o).fit == Fit::shorter);
  CHECK(resolved(o).resize_side == 256);
  o.fit = "long";
  CHECK(resolved(o).fit == Fit::longer);
  o.fit = "stretch";
  CHECK(resolved(o).resize_width == 256);
  CHECK(resolved(o).resize_height == 256);
  o.crop.reset();
  require_error(attempt(o), "E203", {"--resize 256", "256x256", "224x224"});
  o.resize = "224";
  o.fit = "letterbox";
  CHECK(resolved(o).fit == Fit::letterbox);
  CHECK(resolved(o).pad_value == 114);
  o.pad_value = "0";
  CHECK(resolved(o).pad_value == 0);
  o.pad_value = "256";
  require_error(attempt(o), "E203", {"--pad-value", "255"});
  o.pad_value = "1";
  o.fit = "stretch";
  require_error(attempt(o), "E205", {"--pad-value", "letterbox"});
  o.pad_value.reset();
  o.resize = "300x200";
  o.fit = "short";
  require_error(attempt(o), "E205", {"--fit short", "300x200"});
  o.fit = "wide";
  require_error(attempt(o), "E203", {"--fit", "'wide'", "short, long, stretch, letterbox"});
  o.fit.reset();
  for (const char* bad : {"", "a", "0", "10x", "x10", "1e3", "3 "}) {
    o.resize = bad;
    require_error(attempt(o), "E203", {"--resize"});
  }
  PreprocessingOptions box = with_preset("imagenet");
  box.resize = "300x280";
  CHECK(resolved(box).fit == Fit::stretch);
  CHECK(resolved(box).resize_height == 280);
  CHECK(resolved(box).crop_width == 224);
}

TEST_CASE("mean, std and scale") {
  PreprocessingOptions o = with_preset("unit");
  o.mean = "123.675,116.28,103.53";
  CHECK(resolved(o, kImagenet, "W013").mean[2] == 103.53f);
  o.scale = "1";
  CHECK(resolved(o).scale == 1.0f);
  o.scale = "1/255";
  CHECK(resolved(o, kImagenet, "W013").scale == 1.0f / 255.0f);
  o.scale = "0.00392156862745098";
  CHECK(resolved(o, kImagenet, "W013").scale == 1.0f / 255.0f);
  for (const char* bad : {"0", "-1", "1/0", "nan", "inf", "1e99", "", "1/2/3", "x"}) {
    o.scale = bad;
    require_error(attempt(o), "E203", {"--scale"});
  }
  o = with_preset("unit");
  o.std = "0.5";
  CHECK(resolved(o).std == std::vector<float>{0.5f, 0.5f, 0.5f});
  for (const char* bad : {"0", "0.5,0,0.5", "0.5,0.5", "-1", "", "1,2,3,4", "nan", "1,,1"}) {
    o.std = bad;
    require_error(attempt(o), "E203", {"--std"});
  }
  o = with_preset("imagenet");
  require_error(attempt(o, {1, 1, 224, 224}), "E205", {"--preset imagenet", "--mean"});
}

TEST_CASE("channels and layout") {
  PreprocessingOptions o = with_preset("imagenet");
  o.channels = "bgr";
  CHECK(resolved(o).mean == std::vector<float>{0.406f, 0.456f, 0.485f});
  o.mean = "1,0.5,0.25";  // in the order handed to the model
  CHECK(resolved(o).mean == std::vector<float>{1.0f, 0.5f, 0.25f});
  o.channels = "gray";
  require_error(attempt(o), "E203", {"--channels gray", "rgb, bgr"});
  o.channels = "rgba";
  require_error(attempt(o), "E203", {"--channels", "rgb, bgr, gray"});
  o = with_preset("unit");
  o.channels = "rgb";
  require_error(attempt(o, {1, 1, 8, 8}), "E203", {"--channels rgb", "gray"});
  o = with_preset("unit");
  CHECK(resolved(o, {1, 7, 9, 3}).layout == InputLayout::nhwc);
  CHECK(resolved(o, {1, 3, 9, 3}).layout == InputLayout::nchw);
  o.layout = "nhwc";
  CHECK(resolved(o, {1, 3, 9, 3}).resize_width == 9);
  o.layout = "hwc";
  require_error(attempt(o), "E203", {"--layout", "nchw, nhwc"});
}

TEST_CASE("the other words") {
  PreprocessingOptions o = with_preset("imagenet");
  o.interp = "bicubic", o.resample_order = "horizontal", o.exif = "apply", o.depth16 = "clamp";
  const Preprocessing p = resolved(o);
  CHECK(p.interpolation == Interpolation::bicubic);
  CHECK(p.order == PassOrder::horizontal);
  CHECK(p.exif == ExifOrientation::apply);
  CHECK(p.depth16 == Depth16::clamp);
  o.interp = "lanczos";
  require_error(attempt(o), "E203", {"--interp", "bilinear, bicubic, nearest"});
  o.interp.reset(), o.resample_order = "x";
  require_error(attempt(o), "E203", {"--resample-order", "pillow13, horizontal"});
  o.resample_order.reset(), o.exif = "";
  require_error(attempt(o), "E203", {"--exif", "apply, ignore"});
  o.exif.reset(), o.depth16 = "low";
  require_error(attempt(o), "E203", {"--depth16", "stop, high, clamp"});
}

TEST_CASE("options that exclude each other or the input") {
  PreprocessingOptions o = with_preset("none");
  o.mean = "0";
  require_error(attempt(o), "E205", {"--mean", "tensors"});
  require_error(attempt(with_preset("unit"), {1, 10}), "E205", {"--preset unit", "1x10", "--preset none"});
  PreprocessingOptions crop;
  crop.crop = "5";
  require_error(attempt(crop, {1, 10}), "E205", {"--crop", "1x10"});
}

TEST_CASE("an embedded record stands until options override it") {
  PreprocessingOptions first = with_preset("imagenet");
  first.channels = "bgr";
  first.interp = "bicubic";
  const Preprocessing record = resolved(first);
  std::vector<Warning> warnings;
  CHECK(must(resolve({}, kImagenet, warnings, &record)) == record);
  CHECK(warnings.empty());
  PreprocessingOptions change;
  change.resize = "232";
  Preprocessing p = must(resolve(change, kImagenet, warnings, &record));
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].code == "W019");
  CHECK(warnings[0].message.find("--resize") != std::string::npos);
  CHECK(p.resize_side == 232);
  p.resize_side = 256;
  CHECK(p == record);
  change = {};
  change.channels = "rgb";
  CHECK(must(resolve(change, kImagenet, warnings, &record)).mean[0] == 0.485f);
  CHECK(must(resolve(with_preset("unit"), kImagenet, warnings, &record)).interpolation == Interpolation::bilinear);
}

TEST_CASE("records from hostile JSON") {
  const Json good = to_json(resolved(with_preset("imagenet")));
  CHECK(good.dump().find("\"mean\":[0.485,0.456,0.406]") != std::string::npos);
  CHECK(from_json(good, "E403", "m.xcal").ok());
  for (const auto& [key, value] : good.items()) {
    Json missing = good;
    missing.erase(key);
    require_error(from_json(missing, "E403", "m.xcal"), "E403", {"m.xcal", key, "missing"});
    for (const char* wrong : {"\"zzz\"", "-1", "1e300", "null", "[[]]", "{}", "18446744073709551615"}) {
      if (key == "scale" && wrong[0] == '1' && wrong[1] == '8') continue;  // large, but a number
      Json bad = good;
      bad[key] = Json::parse(wrong);
      INFO(key << " = " << wrong);
      require_error(from_json(bad, "E403", "m.xcal"), "E403", {"m.xcal", "try"});
    }
  }
  require_error(from_json(Json::array(), "E502", "m.xpuq"), "E502", {"m.xpuq", "object"});
  Json newer = good;
  newer["resample_revision"] = kResampleRevision + 1;
  require_error(from_json(newer, "E403", "m.xcal"), "E403", {"resample_revision"});
  Json text = good;
  text["fit"] = std::string(200, '\xff');
  require_error(from_json(text, "E403", "m.xcal"), "E403", {"fit"});
  Json extra = good;
  extra["later"] = 1;
  CHECK(from_json(extra, "E403", "m.xcal").ok());
  const Json none = to_json(resolved(with_preset("none")));
  CHECK(must(from_json(none, "E403", "m.xcal")).tensors_only);
}

TEST_CASE("pictures that cannot be applied") {
  const Preprocessing p = resolved(with_preset("imagenet"));
  Image thin = make_image(1, 1 << 21, 1);
  require_error(apply(p, thin, kImagenet, "thin.png"), "E103", {"thin.png", "2^28"});
  require_error(apply(p, make_image(4, 4, 3), {1, 10}, "a.png"), "E103", {"a.png"});
  require_error(apply(p, make_image(4, 4, 3), {1, 3, 32, 32}, "a.png"), "E103", {"a.png", "224x224", "32x32"});
  require_error(apply(resolved(with_preset("none")), make_image(4, 4, 3), kImagenet, "a.png"), "E103",
                {"a.png", "tensors"});
  Preprocessing open = resolved(with_preset("unit"));
  open.fit = Fit::shorter, open.resize_side = 224, open.resize_width = open.resize_height = 0;
  require_error(apply(open, make_image(4, 8, 3), kImagenet, "a.png"), "E103", {"a.png", "224x448", "--crop 224x224"});
  CHECK(apply(open, make_image(4, 4, 3), kImagenet, "a.png").ok());
}

TEST_CASE("crop offsets round halves to even, and padding is zero before normalisation") {
  Preprocessing p = resolved(with_preset("raw"), {1, 1, 2, 2});
  p.crop_width = p.crop_height = 2;
  const auto corner = [&](int size) {
    Image image = make_image(size, size, 1);
    for (int y = 0; y < size; ++y)
      for (int x = 0; x < size; ++x) image.row(y)[x] = static_cast<std::uint8_t>(10 * y + x);
    p.resize_width = p.resize_height = size;
    return must(apply_geometry(p, image, "a")).pixels[0];
  };
  CHECK(corner(3) == 0);   // 0.5 -> 0
  CHECK(corner(5) == 22);  // 1.5 -> 2
  CHECK(corner(7) == 22);  // 2.5 -> 2
  CHECK(corner(9) == 44);  // 3.5 -> 4
  p.crop_width = p.crop_height = 4;
  p.resize_width = p.resize_height = 1;
  Image dot = make_image(1, 1, 1);
  dot.pixels[0] = 9;
  CHECK(must(apply_geometry(p, dot, "a")).pixels ==
        std::vector<std::uint8_t>{0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});  // 3/2 = 1 left, 2 right
}

}  // namespace
}  // namespace xpuq::samples
