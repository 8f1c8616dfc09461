// From the preprocessing options of the command line (cli.md 2.1) to a complete Preprocessing for one input.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "samples/preprocess.h"
#include "samples/sample_error.h"

namespace xpuq::samples {

/// The text of each option that was given for one input (a leading `INPUT:` already taken off).
struct PreprocessingOptions {
  std::optional<std::string> preset;          ///< imagenet[:CROP[/RESIZE]], unit, signed, raw, none, auto
  std::optional<std::string> resize;          ///< S or WxH
  std::optional<std::string> fit;             ///< short, long, stretch, letterbox
  std::optional<std::string> crop;            ///< S or WxH
  std::optional<std::string> interp;          ///< bilinear, bicubic, nearest
  std::optional<std::string> resample_order;  ///< pillow13, horizontal
  std::optional<std::string> mean;            ///< one value, or one a channel in the order handed to the model
  std::optional<std::string> std;
  std::optional<std::string> scale;      ///< a number or a quotient such as 1/255
  std::optional<std::string> channels;   ///< rgb, bgr, gray
  std::optional<std::string> layout;     ///< nchw, nhwc
  std::optional<std::string> exif;       ///< apply, ignore
  std::optional<std::string> depth16;    ///< stop, high, clamp
  std::optional<std::string> pad_value;  ///< 0..255, letterbox only

  /// "--mean, --std": what was given, for messages; empty when nothing was.
  std::string given() const;
  /// Nothing but `--preset none`, which fits every input: its operands are tensors.
  bool only_tensors() const { return given() == "--preset" && preset == "none"; }
};

/// The layout a shape suggests: nchw when the second dimension is 1 or 3, else nhwc when the last one is, else nchw.
InputLayout guess_layout(const Shape& input_shape);

/// Whether pictures can be fed to an input of this shape at all: rank 4 with 1 or 3 channels.
bool is_image_like(const Shape& input_shape);

/// Resolves options for an input of shape [N,C,H,W] or [N,H,W,C] (any other shape takes tensors only).
/// `embedded` is the record of a profile or artifact that the options override: without it `auto` is the preset.
/// Adds W012 (auto chose), W013 (mean looks like 0..255) and W019 (an embedded record was overridden).
/// Errors, with the option as `who`: E203 for a wrong value (an unknown preset lists all), E205 for options that
/// exclude each other or do not fit the input.
Result<Preprocessing> resolve(const PreprocessingOptions& options, const Shape& input_shape,
                              std::vector<Warning>& warnings, const Preprocessing* embedded = nullptr);

}  // namespace xpuq::samples
