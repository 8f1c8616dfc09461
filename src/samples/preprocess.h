// From a picture to the tensor that a model takes: resize, crop, colour order, normalisation. A Preprocessing is
// complete: it holds no preset name and no default, so that a profile or an artifact reproduces it years later.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "samples/image.h"
#include "samples/resample.h"
#include "support/json.h"
#include "xpuq/result.h"
#include "xpuq/types.h"

namespace xpuq::samples {

/// What the resize numbers mean.
enum class Fit : std::uint8_t {
  shorter,    ///< resize_side is the shorter side; the longer is int(side * long / short)
  longer,     ///< resize_side is the longer side; the shorter is max(1, int(side * short / long))
  stretch,    ///< exactly resize_width x resize_height
  letterbox,  ///< the largest size inside resize_width x resize_height, centred, the rest is pad_value
};

enum class Channels : std::uint8_t { rgb, bgr, gray };

/// Order of the model's input: [N,C,H,W] or [N,H,W,C].
enum class InputLayout : std::uint8_t { nchw, nhwc };

/// Raised when decoding or resampling gives other bytes than before for the same record.
inline constexpr int kDecoderRevision = 1;
inline constexpr int kResampleRevision = 1;

struct Preprocessing {
  bool tensors_only = false;  ///< preset `none`: operands must be tensors, and nothing below applies
  Fit fit = Fit::stretch;
  int resize_side = 0;   ///< shorter, longer
  int resize_width = 0;  ///< stretch, letterbox
  int resize_height = 0;
  int crop_width = 0;  ///< 0 x 0: no crop
  int crop_height = 0;
  Interpolation interpolation = Interpolation::bilinear;
  PassOrder order = PassOrder::pillow13;
  Channels channels = Channels::rgb;
  InputLayout layout = InputLayout::nchw;
  float scale = 1.0f / 255.0f;  ///< x = byte * scale; byte / n when scale is the binary32 nearest to 1/n
  std::vector<float> mean;      ///< one per channel, in the order handed to the model
  std::vector<float> std;
  ExifOrientation exif = ExifOrientation::ignore;
  Depth16 depth16 = Depth16::stop;
  int pad_value = 114;  ///< letterbox only, 0..255

  DecodeOptions decode_options() const { return {.exif = exif, .depth16 = depth16}; }
  bool operator==(const Preprocessing&) const = default;
};

/// Fixed key order; numbers are the shortest decimals that read back to the same binary32.
Json to_json(const Preprocessing& preprocessing);

/// Reads what to_json wrote. Every key is required and checked (an unknown one is ignored, a newer decoder or
/// resampling revision is refused). Errors carry `code` and `who`, the caller's file.
Result<Preprocessing> from_json(const Json& json, const std::string& code, const std::string& who);

/// Pixel dimensions of a model input of rank 4 under a layout.
struct InputSize {
  std::int64_t channels, height, width;
};
InputSize input_size(const Shape& input_shape, InputLayout layout);

/// Empty when pictures can be fed to the input: rank 4, 1 or 3 channels that agree with channels, mean and std, and
/// (unless the fit leaves it to the picture) the input's height and width. Otherwise what is wrong, for a message.
std::string mismatch(const Preprocessing& preprocessing, const Shape& input_shape);

/// f32 [1,C,H,W] (nchw) or [1,H,W,C] (nhwc) of a decoded picture; the input's batch size is not looked at.
/// Per channel x = byte/255 (by `scale`), x - mean, / std, each rounded to binary32.
/// Errors (E103, who = `name`): the input takes no pictures, the picture ends in another size than the input's, or the
/// resized picture would exceed kMaxPixels.
Result<Tensor> apply(const Preprocessing& preprocessing, const Image& image, const Shape& input_shape,
                     const std::string& name);

/// The 8-bit picture just before normalisation (fitted, cropped; 3 channels in R, G, B order, or 1). Errors: E103.
Result<Image> apply_geometry(const Preprocessing& preprocessing, Image image, const std::string& name);

/// The three roundings of one channel for all 256 bytes.
std::vector<float> normalisation_table(float scale, float mean, float std);

}  // namespace xpuq::samples
