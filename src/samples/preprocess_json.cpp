#include <charconv>
#include <cmath>

#include "samples/parse_value.h"
#include "samples/preprocess_words.h"
#include "samples/sample_error.h"

namespace xpuq::samples {
namespace {

/// A binary64 that prints as the shortest decimal of the binary32.
double shortest(float value) {
  const std::string text = format_f32(value);
  double out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

Json list(const std::vector<float>& values) {
  Json out = Json::array();
  for (float v : values) out.push_back(shortest(v));
  return out;
}

/// Reads members of one object; the first defect sticks and the reads after it return defaults.
class Reader {
 public:
  Reader(const Json& json, const std::string& code, const std::string& who) : json_(json), code_(code), who_(who) {
    if (!json.is_object()) fail("preprocessing", "not an object", "an object");
  }

  const std::optional<Error>& error() const { return error_; }

  bool boolean(const char* key) {
    const Json* v = find(key);
    if (v != nullptr && !v->is_boolean()) fail(key, describe(*v), "true or false");
    return error_ ? false : v->get<bool>();
  }

  int integer(const char* key, std::int64_t least, std::int64_t most) {
    const Json* v = find(key);
    if (v == nullptr) return 0;
    // A large unsigned number must not wrap into range, hence the second test.
    const bool fits =
        v->is_number_integer() && !(v->is_number_unsigned() && v->get<std::uint64_t>() > std::uint64_t{1} << 62);
    const std::int64_t n = fits ? v->get<std::int64_t>() : 0;
    if (!fits || n < least || n > most)
      fail(key, describe(*v), "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return static_cast<int>(n);
  }

  float real(const char* key, const Json& v, bool positive) {
    if (error_) return 0;
    const float x = v.is_number() ? static_cast<float>(v.get<double>()) : NAN;
    if (!std::isfinite(x) || (positive && !(x > 0)))
      fail(key, describe(v), positive ? "a number above 0" : "a finite number");
    return x;
  }

  float real(const char* key, bool positive) {
    const Json* v = find(key);
    return v == nullptr ? 0 : real(key, *v, positive);
  }

  std::vector<float> reals(const char* key, bool positive) {
    std::vector<float> out;
    const Json* v = find(key);
    if (v == nullptr) return out;
    if (!v->is_array() || (v->size() != 1 && v->size() != 3)) fail(key, describe(*v), "a list of 1 or 3 numbers");
    else
      for (const Json& x : *v) out.push_back(real(key, x, positive));
    return out;
  }

  template <class E, std::size_t N>
  E word(const char* key, const Words<E, N>& words) {
    const Json* v = find(key);
    if (v == nullptr) return words[0].second;
    const auto value = v->is_string() ? value_of(words, v->get_ref<const std::string&>()) : std::nullopt;
    if (!value) fail(key, describe(*v), list_of(words));
    return value.value_or(words[0].second);
  }

  void fail(const std::string& key, std::string got, std::string expected) {
    if (!error_)
      error_ = make_error(code_, who_, "bad preprocessing record: '" + key + "'", std::move(got), std::move(expected),
                          "make the file again with this version");
  }

 private:
  static std::string describe(const Json& v) {
    // Bytes that are no UTF-8 are replaced; a hostile file cannot make dump() throw or flood the terminal.
    const std::string text = v.dump(-1, ' ', true, Json::error_handler_t::replace);
    return text.size() > 60 ? text.substr(0, 60) + "..." : text;
  }

  const Json* find(const char* key) {
    if (error_) return nullptr;
    const auto it = json_.find(key);
    if (it != json_.end()) return &*it;
    fail(key, "missing", {});
    return nullptr;
  }

  const Json& json_;
  const std::string& code_;
  const std::string& who_;
  std::optional<Error> error_;
};

}  // namespace

Json to_json(const Preprocessing& p) {
  Json j = Json::object();
  j["tensors_only"] = p.tensors_only;
  j["fit"] = word_of(kFits, p.fit);
  j["resize_side"] = p.resize_side;
  j["resize_width"] = p.resize_width;
  j["resize_height"] = p.resize_height;
  j["crop_width"] = p.crop_width;
  j["crop_height"] = p.crop_height;
  j["interp"] = word_of(kInterpolations, p.interpolation);
  j["resample_order"] = word_of(kPassOrders, p.order);
  j["channels"] = word_of(kChannels, p.channels);
  j["layout"] = word_of(kLayouts, p.layout);
  j["scale"] = shortest(p.scale);
  j["mean"] = list(p.mean);
  j["std"] = list(p.std);
  j["exif"] = word_of(kExifs, p.exif);
  j["depth16"] = word_of(kDepths, p.depth16);
  j["pad_value"] = p.pad_value;
  j["decoder_revision"] = kDecoderRevision;
  j["resample_revision"] = kResampleRevision;
  return j;
}

Result<Preprocessing> from_json(const Json& json, const std::string& code, const std::string& who) {
  Reader r(json, code, who);
  Preprocessing p;
  p.tensors_only = r.boolean("tensors_only");
  if (r.error()) return *r.error();
  r.integer("decoder_revision", 1, kDecoderRevision);
  r.integer("resample_revision", 1, kResampleRevision);
  if (p.tensors_only) {
    if (r.error()) return *r.error();
    return p;
  }
  p.fit = r.word("fit", kFits);
  const bool by_side = p.fit == Fit::shorter || p.fit == Fit::longer;
  p.resize_side = r.integer("resize_side", by_side ? 1 : 0, by_side ? kMaxSide : 0);
  p.resize_width = r.integer("resize_width", by_side ? 0 : 1, by_side ? 0 : kMaxSide);
  p.resize_height = r.integer("resize_height", by_side ? 0 : 1, by_side ? 0 : kMaxSide);
  p.crop_width = r.integer("crop_width", 0, kMaxSide);
  p.crop_height = r.integer("crop_height", 0, kMaxSide);
  p.interpolation = r.word("interp", kInterpolations);
  p.order = r.word("resample_order", kPassOrders);
  p.channels = r.word("channels", kChannels);
  p.layout = r.word("layout", kLayouts);
  p.scale = r.real("scale", true);
  p.mean = r.reals("mean", false);
  p.std = r.reals("std", true);
  p.exif = r.word("exif", kExifs);
  p.depth16 = r.word("depth16", kDepths);
  p.pad_value = r.integer("pad_value", 0, 255);
  const std::size_t channels = p.channels == Channels::gray ? 1 : 3;
  if (p.mean.size() != channels) r.fail("mean", std::to_string(p.mean.size()) + " values", std::to_string(channels));
  if (p.std.size() != channels) r.fail("std", std::to_string(p.std.size()) + " values", std::to_string(channels));
  if ((p.crop_width == 0) != (p.crop_height == 0)) r.fail("crop_width", "one of the two is 0", "both or neither");
  constexpr std::int64_t limit = kMaxPixels;
  if (std::int64_t{p.crop_width} * p.crop_height > limit) r.fail("crop_width", "too many pixels", "at most 2^28");
  if (std::int64_t{p.resize_width} * p.resize_height > limit) r.fail("resize_width", "too many pixels", "at most 2^28");
  if (r.error()) return *r.error();
  return p;
}

}  // namespace xpuq::samples
