// The named starting points of --preset (cli.md 2.1), before any other option changes them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "samples/preprocess.h"

namespace xpuq::samples {

/// "imagenet[:CROP[/RESIZE]], unit, signed, raw, none, auto".
std::string preset_names();

/// The geometry and normalisation of a preset for an input of width x height. Mean and std are in R, G, B order and
/// may have one value for all channels. Empty when the name is not imagenet[:CROP[/RESIZE]], unit, signed or raw.
std::optional<Preprocessing> preset(const std::string& name, int width, int height);

/// imagenet scaled to any input: crop = the input, short side = round(256/224 * its longer side).
Preprocessing scaled_imagenet(int width, int height);

/// round(crop * 256 / 224), the short side that belongs to a crop.
int short_side_for_crop(int crop);

}  // namespace xpuq::samples
