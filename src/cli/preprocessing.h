// The preprocessing options (cli.md 2.1), shared by xpuq-calibrate and xpuq-run.
#pragma once

#include <map>
#include <string>

#include "cli/arguments.h"
#include "cli/option_table.h"
#include "samples/preprocess_options.h"
#include "xpuq/result.h"

namespace xpuq::cli {

void declare_preprocessing(OptionTable& table);

/// By input; the empty name is the image-like one. The texts themselves are checked where the input's shape is known.
std::map<std::string, samples::PreprocessingOptions> read_preprocessing(const Arguments& arguments);

/// `TEXT` or `INPUT:TEXT` of --preset, whose own texts may hold a colon (imagenet:224/232).
std::pair<std::string, std::string> split_preset(const std::string& text);

}  // namespace xpuq::cli
