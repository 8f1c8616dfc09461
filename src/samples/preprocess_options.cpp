#include "samples/preprocess_options.h"

#include <algorithm>
#include <utility>

#include "samples/parse_value.h"
#include "samples/preprocess_words.h"
#include "samples/presets.h"

namespace xpuq::samples {
namespace {

Error bad(const std::string& option, const std::string& value, std::string expected, std::string remedy = {}) {
  return make_error(kBadValue, option, "unknown value '" + value + "'", {}, std::move(expected), std::move(remedy));
}

std::string box_text(std::int64_t width, std::int64_t height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

template <class E, std::size_t N>
Result<void> set_word(const char* option, const std::optional<std::string>& text, const Words<E, N>& words, E& to) {
  if (!text) return {};
  const auto value = value_of(words, *text);
  if (!value) return bad(option, *text, list_of(words), std::string(option) + " " + std::string(words[0].first));
  to = *value;
  return {};
}

bool picks_channels(std::int64_t n) { return n == 1 || n == 3; }

/// Options and the input they are for; each step changes `p`.
class Resolver {
 public:
  Resolver(const PreprocessingOptions& options, const Shape& shape, std::vector<Warning>& warnings)
      : options_(options), shape_(shape), warnings_(warnings) {}

  Result<Preprocessing> run(const Preprocessing* embedded) {
    const std::string given = options_.given();
    if (embedded != nullptr) {
      if (given.empty()) return *embedded;
      warnings_.push_back({"W019", given + ": overrides the embedded preprocessing"});
    }
    p_.layout = embedded != nullptr && !embedded->tensors_only ? embedded->layout : guess_layout(shape_);
    XPUQ_TRY(set_word("--layout", options_.layout, kLayouts, p_.layout));
    XPUQ_ASSIGN(const bool pictures, start(embedded));
    if (!pictures) return p_;
    XPUQ_TRY(set_word("--interp", options_.interp, kInterpolations, p_.interpolation));
    XPUQ_TRY(set_word("--resample-order", options_.resample_order, kPassOrders, p_.order));
    XPUQ_TRY(set_word("--exif", options_.exif, kExifs, p_.exif));
    XPUQ_TRY(set_word("--depth16", options_.depth16, kDepths, p_.depth16));
    XPUQ_TRY(set_resize());
    XPUQ_TRY(set_crop());
    XPUQ_TRY(set_channels());
    XPUQ_TRY(set_normalisation());
    return p_;
  }

 private:
  /// Fills p_ with the preset or the embedded record; false when the input takes tensors only.
  Result<bool> start(const Preprocessing* embedded) {
    const std::string name = options_.preset.value_or("auto");
    const bool by_record = embedded != nullptr && !options_.preset && !embedded->tensors_only;
    PreprocessingOptions others = options_;
    others.preset.reset();
    const std::string rest = others.given();
    const bool image_like = shape_.size() == 4 && picks_channels(size().channels) && size().width > 0 &&
                            size().height > 0 && size().width <= kMaxSide && size().height <= kMaxSide;
    if (name == "none" || (name == "auto" && !by_record && rest.empty() && !(image_like && size().channels == 3))) {
      if (!rest.empty())
        return make_error(kContradiction, rest, "preset none takes tensors, which are not preprocessed", {}, {},
                          "leave out " + rest + ", or --preset unit");
      p_ = Preprocessing{};
      p_.tensors_only = true;
      return false;
    }
    if (name != "auto" && !preset(name, 1, 1)) return bad("--preset", name, preset_names(), "--preset imagenet");
    if (!image_like)
      return make_error(kContradiction, options_.preset ? "--preset " + name : rest,
                        "the model's input takes no pictures", to_string(shape_),
                        "Nx3xHxW, NxHxWx3 or one channel (--layout tells which)", "--preset none with .npy files");
    const InputLayout layout = p_.layout;
    const int width = static_cast<int>(size().width), height = static_cast<int>(size().height);
    if (by_record) {
      p_ = *embedded;
      if (p_.channels == Channels::bgr) reverse_channels();
    } else if (name != "auto") {
      p_ = *preset(name, width, height);
    } else {
      p_ = size().channels == 3 ? scaled_imagenet(width, height) : *preset("unit", width, height);
      warn_of_auto();
    }
    p_.layout = layout;
    return true;
  }

  void warn_of_auto() {
    if (options_.mean && options_.std && (options_.crop || options_.resize)) return;  // nothing left to guess
    const bool color = size().channels == 3;
    warnings_.push_back(
        {"W012", "--preset auto: input " + to_string(shape_) + " is taken as " +
                     (color ? "imagenet pictures (short side " + std::to_string(p_.resize_side) + ", centre " +
                                  box_text(p_.crop_width, p_.crop_height) + ", RGB, imagenet mean and std)"
                            : "gray pictures (stretched, 0..1)") +
                     "; if the model was trained otherwise, give --preset"});
  }

  Result<void> set_resize() {
    int side = p_.resize_side;  // 0: none, a box is given
    std::pair<int, int> box{p_.resize_width, p_.resize_height};
    if (options_.resize) {
      const auto wh = parse_box(*options_.resize);
      side = wh ? 0 : parse_side(*options_.resize).value_or(0);
      if (!wh && side == 0) return bad("--resize", *options_.resize, "S or WxH, in pixels", "--resize 256");
      if (wh) box = *wh;
      p_.fit = wh ? Fit::stretch : Fit::shorter;
    }
    XPUQ_TRY(set_word("--fit", options_.fit, kFits, p_.fit));
    p_.resize_side = p_.resize_width = p_.resize_height = 0;
    if (p_.fit == Fit::shorter || p_.fit == Fit::longer) {
      if (side == 0 && box.first == box.second) side = box.first;
      if (side == 0)
        return make_error(kContradiction, "--fit " + options_.fit.value_or("short"), "needs one number",
                          box_text(box.first, box.second), "one side",
                          "--resize " + std::to_string(std::min(box.first, box.second)));
      p_.resize_side = side;
    } else {
      p_.resize_width = side != 0 ? side : box.first;
      p_.resize_height = side != 0 ? side : box.second;
      if (std::int64_t{p_.resize_width} * p_.resize_height > kMaxPixels)
        return bad("--resize", box_text(p_.resize_width, p_.resize_height), "at most 2^28 pixels");
    }
    return set_pad_value();
  }

  Result<void> set_pad_value() {
    if (!options_.pad_value) return {};
    const auto value = parse_integer(*options_.pad_value, 0, 255);
    if (!value) return bad("--pad-value", *options_.pad_value, "a whole number from 0 to 255", "--pad-value 114");
    if (p_.fit != Fit::letterbox)
      return make_error(kContradiction, "--pad-value", "is for --fit letterbox only",
                        "--fit " + std::string(word_of(kFits, p_.fit)), {},
                        "--fit letterbox, or leave out --pad-value");
    p_.pad_value = static_cast<int>(*value);
    return {};
  }

  Result<void> set_crop() {
    const std::string wanted = box_text(size().width, size().height);
    if (options_.crop) {
      const auto side = parse_side(*options_.crop);
      const auto box = side ? std::optional(std::pair{*side, *side}) : parse_box(*options_.crop);
      if (!box) return bad("--crop", *options_.crop, "S or WxH, in pixels", "--crop " + wanted);
      p_.crop_width = box->first;
      p_.crop_height = box->second;
    }
    if (p_.crop_width != 0) {
      if (p_.crop_width == size().width && p_.crop_height == size().height) return {};
      const bool square = size().width == size().height;
      const std::string fitting =
          std::to_string(size().width) + "/" + std::to_string(short_side_for_crop(static_cast<int>(size().width)));
      return make_error(kBadValue,
                        options_.crop ? "--crop " + *options_.crop : "--preset " + options_.preset.value_or("auto"),
                        "the crop differs from the model's input", box_text(p_.crop_width, p_.crop_height), wanted,
                        !options_.crop && square ? "--preset imagenet:" + fitting : "--crop " + wanted);
    }
    const std::string who =
        options_.resize ? "--resize " + *options_.resize : "--fit " + options_.fit.value_or("short");
    if (p_.resize_side != 0)
      return make_error(kBadValue, who, "leaves one side to the picture, and there is no crop", {}, wanted,
                        "--crop " + wanted);
    if (p_.resize_width != size().width || p_.resize_height != size().height)
      return make_error(kBadValue, who, "differs from the model's input, and there is no crop",
                        box_text(p_.resize_width, p_.resize_height), wanted, "--resize " + wanted);
    return {};
  }

  Result<void> set_channels() {
    const bool gray_input = size().channels == 1;
    if (gray_input) p_.channels = Channels::gray;
    XPUQ_TRY(set_word("--channels", options_.channels, kChannels, p_.channels));
    if ((p_.channels == Channels::gray) != gray_input)
      return make_error(kBadValue, "--channels " + options_.channels.value_or("rgb"), "does not fit the model's input",
                        to_string(shape_), gray_input ? "gray" : "rgb, bgr",
                        gray_input ? "--channels gray" : "--channels rgb");
    return {};
  }

  Result<void> set_normalisation() {
    const auto channels = static_cast<std::size_t>(size().channels);
    if (options_.scale) {
      const auto value = parse_quotient(*options_.scale);
      if (!value || !(*value > 0))
        return bad("--scale", *options_.scale, "a number above 0, such as 1/255 or 1", "--scale 1");
      p_.scale = *value;
    }
    // Presets and records are in R, G, B order here; what the user lists is in the order handed to the model.
    if (p_.channels == Channels::bgr) reverse_channels();
    XPUQ_TRY(set_list("--mean", options_.mean, channels, p_.mean));
    XPUQ_TRY(set_list("--std", options_.std, channels, p_.std));
    for (float s : p_.std)
      if (!(s > 0)) return bad("--std", options_.std.value_or(""), "numbers above 0", "--std 1");
    if (p_.scale == 1.0f / 255.0f && *std::max_element(p_.mean.begin(), p_.mean.end()) > 1)
      warnings_.push_back(
          {"W013", "--mean: above 1 while pixels are scaled to 0..1; if it is meant for 0..255, add --scale 1"});
    return {};
  }

  Result<void> set_list(const char* option, const std::optional<std::string>& text, std::size_t channels,
                        std::vector<float>& to) {
    if (text) {
      auto values = parse_reals(*text);
      if (!values || (values->size() != 1 && values->size() != channels))
        return bad(option, *text, channels == 1 ? "one number" : "one number, or 3 with commas",
                   std::string(option) + (channels == 1 ? " 0.5" : " 0.5,0.5,0.5"));
      to = std::move(*values);
    }
    if (to.size() == 1) to.resize(channels, to[0]);
    if (to.size() != channels)
      return make_error(kContradiction, "--preset " + options_.preset.value_or("auto"),
                        "has " + std::string(option + 2) + " for 3 channels", "an input of " + std::to_string(channels),
                        {}, std::string(option) + " 0.5, or --preset unit");
    return {};
  }

  void reverse_channels() {
    std::reverse(p_.mean.begin(), p_.mean.end());
    std::reverse(p_.std.begin(), p_.std.end());
  }

  InputSize size() const { return input_size(shape_, p_.layout); }

  const PreprocessingOptions& options_;
  const Shape& shape_;
  std::vector<Warning>& warnings_;
  Preprocessing p_;
};

}  // namespace

std::string PreprocessingOptions::given() const {
  std::string out;
  const auto add = [&out](const std::optional<std::string>& text, const char* name) {
    if (text) out += (out.empty() ? "" : ", ") + std::string(name);
  };
  add(preset, "--preset");
  add(resize, "--resize");
  add(fit, "--fit");
  add(crop, "--crop");
  add(interp, "--interp");
  add(resample_order, "--resample-order");
  add(mean, "--mean");
  add(std, "--std");
  add(scale, "--scale");
  add(channels, "--channels");
  add(layout, "--layout");
  add(exif, "--exif");
  add(depth16, "--depth16");
  add(pad_value, "--pad-value");
  return out;
}

InputLayout guess_layout(const Shape& s) {
  return s.size() == 4 && !picks_channels(s[1]) && picks_channels(s[3]) ? InputLayout::nhwc : InputLayout::nchw;
}

bool is_image_like(const Shape& s) { return s.size() == 4 && (picks_channels(s[1]) || picks_channels(s[3])); }

Result<Preprocessing> resolve(const PreprocessingOptions& options, const Shape& input_shape,
                              std::vector<Warning>& warnings, const Preprocessing* embedded) {
  return Resolver(options, input_shape, warnings).run(embedded);
}

}  // namespace xpuq::samples
